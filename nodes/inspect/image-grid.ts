import { defineNode, type HostTensor, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { slice } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { mosaic, type PictureRow } from "./mosaic";

export const imageGrid = defineNode({
  type: "inspect/image-grid",
  version: 1,
  title: "Image grid",
  family: "inspect",
  help:
    "Shows the first samples of the batch on any image or state wires while training goes on: one picture, a line for each " +
    "wire in the order they were wired, images first.",
  inputs: { images: wire.image.many(), states: wire.state.many() },
  outputs: {},
  params: z.object({
    rows: z
      .number()
      .int()
      .min(1)
      .max(32)
      .default(4)
      .meta({ title: "Samples", description: "Samples of the batch to show, side by side." }),
    every: z
      .number()
      .int()
      .min(1)
      .default(25)
      .meta({ title: "Every", description: "Show anew after that many steps.", unit: "steps" }),
  }),
  emit({ images, states }, { rows, every }, context) {
    const first = ({ x }: { readonly x: Tensor }) =>
      x.rank === 0 ? x : slice(x, { starts: [0], ends: [rows], axes: [0] });
    images.forEach((image, i) => {
      context.output(`image.${i}`, first(image), every);
    });
    states.forEach((state, i) => {
      context.output(`state.${i}`, first(state), every);
    });
    return {};
  },
  host: () => ({
    after(_step, values, io) {
      const wires = Object.entries(values).map(([name, tensor]) => ({ name, tensor }));
      const rows = wires.flatMap(({ tensor }) => pictureRow(tensor) ?? []);
      if (rows.length > 0) io.frame({ socket: "images", row: 0, t: null, column: 0, ...mosaic(rows) });
      // Points are no pictures: those of a batch are drawn together, each wire by itself.
      wires
        .filter(({ tensor }) => pictureRow(tensor) === null)
        .forEach(({ name, tensor: { shape, data } }, column) => {
          const socket = name.startsWith("image") ? "images" : "states";
          if (data instanceof Float32Array) io.frame({ socket, row: 0, t: null, column, shape, values: data });
        });
    },
  }),
});

/** A batch [B, C, H, W] as pictures; null when it is none. */
function pictureRow({ shape, data }: HostTensor): PictureRow | null {
  const [batch = 0, channels = 0, height = 0, width = 0, ...rest] = shape;
  if (shape.length !== 4 || rest.length > 0 || !(data instanceof Float32Array)) return null;
  const size = channels * height * width;
  const pictures = Array.from({ length: batch }, (_, i) => data.subarray(i * size, (i + 1) * size));
  return { shape: [channels, height, width], pictures };
}
