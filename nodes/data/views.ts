import { defineNode, type RandomStream, wire } from "@distillery/shared/graph/node";
import type { DatasetValue } from "@distillery/shared/graph/wires";
import { formatShape, sizeOf } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { makeView } from "./augment";
import { readVariant } from "./variant";

const share = z.number().min(0).max(1);
const area = share.min(0.01);

export const views = defineNode({
  type: "data/views",
  version: 1,
  title: "Views",
  family: "data",
  help:
    "Several random views of each picture of a batch, for self-supervised training: large crops that show nearly all of it and small " +
    "crops that show a part, mirrored, recoloured and blurred at random (multi-crop).",
  source: "Caron et al. 2020 (SwAV, multi-crop); Grill et al. 2020 (BYOL, colours and blur)",
  inputs: { dataset: wire.dataset },
  outputs: {
    global: wire.image.describe("Large views: the first of every picture, then the second of every picture, ..."),
    local: wire.image.optional().describe("Small views, likewise."),
  },
  params: z.object({
    split: z.enum(["train", "heldOut", "all"]).default("train").meta({
      title: "Split",
      description: "Training graphs use train.",
    }),
    globalViews: z.number().int().min(1).max(8).default(2).meta({
      title: "Large views",
      description: "Of each picture.",
    }),
    localViews: z.number().int().min(0).max(16).default(4).meta({
      title: "Small views",
      description: "Of each picture.",
    }),
    localSize: z.number().int().min(0).max(1024).default(0).meta({
      title: "Size of small views",
      description: "Width and height; 0: half of the picture's.",
      unit: "px",
    }),
    globalArea: area.default(0.4).meta({
      title: "Large views show at least",
      description: "Share of the picture's area, up to all of it.",
      step: 0.05,
    }),
    localArea: area.default(0.1).meta({
      title: "Small views show at least",
      description: "Share of the picture's area, up to what large views show at least.",
      step: 0.05,
    }),
    otherClass: share.default(0).meta({
      title: "In another class",
      description:
        "Share of the views that show the same thing in any class (style, technique), where the data set has it in all of them. More of it: features that tell things; none: features that tell styles, too.",
      step: 0.1,
    }),
    flip: share.default(0.5).meta({ title: "Mirror", description: "Share of mirrored views.", step: 0.1 }),
    colour: z.number().min(0).max(2).default(0.5).meta({
      title: "Change colours",
      description:
        "0: never; 1: brightness, contrast, saturation and hue as in DINO. Strong changes hide what tells styles apart.",
      step: 0.1,
    }),
    grey: share
      .default(0)
      .meta({ title: "Grey", description: "Share of views without colour; 0.2 in DINO.", step: 0.05 }),
    blur: share.default(0.1).meta({ title: "Blur", description: "Share of softened views.", step: 0.05 }),
  }),
  emit({ dataset }, params, context) {
    const [channels, height, width] = pictureShape(dataset) ?? [0, 0, 0];
    if (channels === 0) {
      context.fail(
        `needs pictures [channels, height, width]; "${dataset.title}" has samples ${formatShape(dataset.sampleShape)}.`,
        "dataset",
        "shape-mismatch",
      );
    }
    if (height !== width)
      context.fail(`needs square pictures; "${dataset.title}" has ${height} x ${width}.`, "dataset");
    const { globalViews, localViews } = params;
    const rows = (count: number, size: number) => [count * context.batch, channels, size, size];
    return {
      global: { x: context.input("global", "float32", rows(globalViews, width)) },
      local:
        localViews === 0
          ? undefined
          : { x: context.input("local", "float32", rows(localViews, localSizeOf(params.localSize, width))) },
    };
  },
  async host(params, { inputs, resources, seed, batch }) {
    const dataset = inputs.dataset?.[0] as DatasetValue;
    const shape = pictureShape(dataset) as readonly [number, number, number];
    const reader = await dataset.open(resources, seed);
    const count = reader.count(params.split);
    if (count === 0) throw new Error(`"${dataset.title}" has no samples in the split "${params.split}".`);
    const { flip, colour, grey, blur, globalArea, localArea } = params;
    const common = { flip, colour, grey, blur };
    const [, , width] = shape;
    const kinds = [
      { name: "global", count: params.globalViews, size: width, area: [globalArea, 1] as const },
      {
        name: "local",
        count: params.localViews,
        size: localSizeOf(params.localSize, width),
        area: [Math.min(localArea, globalArea), globalArea] as const,
      },
    ].filter((kind) => kind.count > 0);
    const variant = new Float32Array(sizeOf(shape));
    /** Sample `index` in any class; as it is where the data set does not have it in others. */
    const variantOf = (index: number, luck: RandomStream): Float32Array => {
      if (!readVariant(dataset, reader, params.split, index, (total) => luck.integer(total), variant, 0))
        reader.read(params.split, index, variant, 0);
      return variant;
    };
    return {
      before(_step, random) {
        const [draw, another] = [random("samples"), random("variants")];
        const picture = new Float32Array(sizeOf(shape));
        const feeds = kinds.map((kind) => {
          const rows = [kind.count * batch, shape[0], kind.size, kind.size];
          return { kind, rows, data: new Float32Array(sizeOf(rows)), luck: random(kind.name) };
        });
        for (let row = 0; row < batch; row++) {
          const index = draw.integer(count);
          reader.read(params.split, index, picture, 0);
          for (const { kind, data, luck } of feeds) {
            for (let view = 0; view < kind.count; view++) {
              const shown = another.uniform() < params.otherClass ? variantOf(index, another) : picture;
              const made = makeView(shown, shape, { ...common, size: kind.size, area: kind.area }, luck);
              data.set(made, (view * batch + row) * made.length);
            }
          }
        }
        return Object.fromEntries(
          feeds.map(({ kind, rows, data }) => [kind.name, { dtype: "float32" as const, shape: rows, data }]),
        );
      },
    };
  },
});

const localSizeOf = (wanted: number, width: number): number => (wanted === 0 ? Math.ceil(width / 2) : wanted);

function pictureShape({ sampleShape }: DatasetValue): readonly [number, number, number] | null {
  const [channels = 0, height = 0, width = 0, ...rest] = sampleShape;
  return width === 0 || rest.length > 0 ? null : [channels, height, width];
}
