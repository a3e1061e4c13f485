import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { formatShape } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { codecInput } from "../model/pixels";
import { stateAt } from "../schedule/prediction";
import { conditionOf } from "./condition";
import { fitPicture } from "./fitPicture";
import { fixedStart } from "./startTime";

/** Characters of a picture that travels inside the graph; larger ones come by path. */
const MAX_INLINE = 900_000;

/** One picture of one's own, noised part of the way and asked to become a style: x = alpha_t x0 + sigma_t eps (SDEdit). */
export const picture = defineNode({
  type: "data/picture",
  version: 1,
  title: "Picture",
  family: "data",
  help:
    "Takes one picture, fits it on white into the data set's size and noises it part of the way: a start for samplers, as " +
    "the Playground uses it. With a mask, samplers keep what lies outside.",
  formula: "x = α_t x₀ + σ_t ε at node ⌈N η⌉ + 1",
  source: "Meng et al. 2022, SDEdit",
  inputs: {
    dataset: wire.dataset.describe("Gives the size, the classes and the kinds of content."),
    schedule: wire.schedule,
    codec: codecInput.describe("Makes a latent of it, as the Start of the training does."),
  },
  outputs: {
    x: wire.state.describe("The noised picture."),
    x0: wire.image.describe("The clean picture."),
    latent: wire.image.describe("The same as states are: with a codec its latent, else x0 itself."),
    condition: wire.condition.describe("What it is to become."),
    mask: wire.image.optional().describe("1 where the mask is white, 0 where it is black: there the picture is kept."),
  },
  params: z.object({
    picture: z.string().max(MAX_INLINE).default("").meta({
      title: "Picture",
      description: "Path of a picture file that runs can read, or the picture itself as a data: URL.",
    }),
    mask: z.string().max(MAX_INLINE).default("").meta({
      title: "Mask",
      description: "A picture over it, white where new content is generated; empty: no mask.",
    }),
    eta: z.number().gt(0).max(1).default(0.75).meta({
      title: "Noise share",
      description: "How much may change: 0 would be nothing, 1 everything. At most (N - 1) / N.",
      step: 0.05,
    }),
    class: z.string().max(200).default("").meta({
      title: "To class",
      description: "Class (style) to denoise as; empty: not told.",
    }),
    content: z.string().max(200).default("").meta({
      title: "Content",
      description: "What kind of thing is shown; empty: not told.",
    }),
  }),
  emit({ dataset, schedule, codec }, params, context) {
    const { batch } = context;
    if (pictureSize(dataset) === null) {
      context.fail(
        `a picture needs a data set of pictures [1 or 3, height, width], "${dataset.title}" has samples ${formatShape(dataset.sampleShape)}.`,
        "dataset",
        "shape-mismatch",
      );
    }
    if (params.picture === "") context.fail("Choose a picture: give its path or a data: URL.", undefined, "no-picture");
    requireLabel(params.class, dataset.classes, "class", dataset, context);
    requireLabel(params.content, dataset.contents ?? [], "kind of content", dataset, context);
    const t = fixedStart(schedule, params, context);
    const x0 = context.input("x0", "float32", [batch, ...dataset.sampleShape]);
    const latent = codec === undefined ? x0 : codec.encode(x0);
    const eps = context.random("eps", { kind: "normal" }, latent.shape);
    const [, ...space] = dataset.sampleShape;
    return {
      x: { x: stateAt(t, { predX0: latent, eps }), t },
      x0: { x: x0 },
      latent: { x: latent },
      condition: conditionOf(dataset, context),
      mask: params.mask === "" ? undefined : { x: context.input("mask", "float32", [batch, 1, ...space]) },
    };
  },
  async host(params, { inputs, resources, batch, feeds }) {
    const dataset = inputs.dataset?.[0] as DatasetValue;
    const size = pictureSize(dataset) ?? { channels: 3, height: 1, width: 1 };
    const x0 = await readPicture(resources, params.picture, size);
    const labels: Readonly<Record<string, number>> = {
      class: indexOrNull(params.class, dataset.classes),
      content: indexOrNull(params.content, dataset.contents ?? []),
    };
    const mask = params.mask === "" ? null : await readMask(resources, params.mask, size);
    const values = Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, shape }]) => {
        const label = labels[name];
        if (label !== undefined) return [name, { dtype, shape, data: new BigInt64Array(batch).fill(BigInt(label)) }];
        return [name, { dtype, shape, data: repeated(name === "mask" && mask !== null ? mask : x0, batch) }];
      }),
    );
    return { before: () => values };
  },
});

interface PictureSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

function pictureSize({ sampleShape }: DatasetValue): PictureSize | null {
  const [channels, height, width, ...rest] = sampleShape;
  if ((channels !== 1 && channels !== 3) || height === undefined || width === undefined || rest.length > 0) return null;
  return { channels, height, width };
}

function requireLabel(
  name: string,
  known: readonly string[],
  what: string,
  { title }: DatasetValue,
  context: StageContext,
) {
  if (name === "" || known.includes(name)) return;
  const there = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  context.fail(`"${title}" has no ${what} "${name}"; ${there}.`, undefined, "unknown-class");
}

/** The number after the last one says that nothing is told. */
const indexOrNull = (name: string, known: readonly string[]): number =>
  name === "" ? known.length : known.indexOf(name);

/** Planes in [-1, 1]. */
async function readPicture(resources: Resources, path: string, size: PictureSize): Promise<Float32Array> {
  const rgb = fitPicture(await resources.image(path), size, 255);
  const plane = size.height * size.width;
  if (size.channels === 3) return rgb.map((value) => value / 127.5 - 1);
  return Float32Array.from({ length: plane }, (_, i) => grey(rgb, i, plane) / 127.5 - 1);
}

/** Binary at half white; what lies beside the mask is kept. */
async function readMask(resources: Resources, path: string, size: PictureSize): Promise<Float32Array> {
  const rgb = fitPicture(await resources.image(path), size, 0);
  const plane = size.height * size.width;
  return Float32Array.from({ length: plane }, (_, i) => (grey(rgb, i, plane) > 127.5 ? 1 : 0));
}

const grey = (rgb: Float32Array, i: number, plane: number): number =>
  ((rgb[i] as number) + (rgb[plane + i] as number) + (rgb[2 * plane + i] as number)) / 3;

function repeated(values: Float32Array, batch: number): Float32Array {
  const all = new Float32Array(values.length * batch);
  for (let row = 0; row < batch; row++) all.set(values, row * values.length);
  return all;
}
