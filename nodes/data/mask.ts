import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetValue } from "@distillery/shared/graph/wires";
import { formatShape } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { drawMask, MASK_SHAPES, rectangle } from "./maskShapes";

const share = (title: string, description: string, value: number) =>
  z.number().min(0).max(1).default(value).meta({ title, description, step: 0.05 });

/** Which part of every picture is generated anew: 1 inside, 0 where the picture is kept. */
export const mask = defineNode({
  type: "data/mask",
  version: 1,
  title: "Mask",
  family: "data",
  help:
    "Says which part of each picture is generated anew (1) and which is kept (0): a random region for every sample and step, " +
    "or always the same rectangle. Wire it into samplers and into Keep the known region.",
  formula: "m ∈ {0, 1},  1 = generate anew",
  inputs: { dataset: wire.dataset.describe("Gives the size of a picture.") },
  outputs: { mask: wire.image.describe("One channel, 1 where new content is generated.") },
  params: z.object({
    shapes: z
      .array(z.enum([...MASK_SHAPES, "fixed"]))
      .min(1, "choose at least one shape")
      .default([...MASK_SHAPES])
      .meta({
        title: "Shapes",
        description:
          "One of them is drawn per sample: rectangles, painted blobs, half planes, or the fixed rectangle below.",
        widget: "multiselect",
      }),
    smallest: share("Smallest share", "Of the picture, generated anew; for random shapes.", 0.15),
    largest: share("Largest share", "Of the picture, generated anew; for random shapes.", 0.6),
    left: share("Left", "Of the fixed rectangle, as a share of the picture's width.", 0.25),
    top: share("Top", "Of the fixed rectangle, as a share of the picture's height.", 0.25),
    width: share("Width", "Of the fixed rectangle, as a share of the picture's width.", 0.5),
    height: share("Height", "Of the fixed rectangle, as a share of the picture's height.", 0.5),
  }),
  emit({ dataset }, { smallest, largest }, context) {
    const size = sizeOfPicture(dataset);
    if (size === undefined) {
      return context.fail(
        `a mask is for pictures [channels, height, width], "${dataset.title}" has samples ${formatShape(dataset.sampleShape)}.`,
        "dataset",
        "shape-mismatch",
      );
    }
    if (smallest > largest)
      context.fail(`the smallest share ${smallest} is above the largest one, ${largest}. Swap the two.`);
    return { mask: { x: context.input("mask", "float32", [context.batch, 1, size.height, size.width]) } };
  },
  host(params, { batch, inputs }) {
    const size = sizeOfPicture(inputs.dataset?.[0] as DatasetValue) ?? { height: 1, width: 1 };
    const plane = size.height * size.width;
    return {
      before(_step, random) {
        const stream = random("mask");
        const data = new Float32Array(batch * plane);
        for (let row = 0; row < batch; row++) {
          const shape = params.shapes[stream.integer(params.shapes.length)] ?? "fixed";
          const covered = params.smallest + (params.largest - params.smallest) * stream.uniform();
          data.set(shape === "fixed" ? rectangle(size, params) : drawMask(shape, size, covered, stream), row * plane);
        }
        return { mask: { dtype: "float32", shape: [batch, 1, size.height, size.width], data } };
      },
    };
  },
});

function sizeOfPicture({ sampleShape }: DatasetValue): { height: number; width: number } | undefined {
  const [, height, width, ...rest] = sampleShape;
  return height === undefined || width === undefined || rest.length > 0 ? undefined : { height, width };
}
