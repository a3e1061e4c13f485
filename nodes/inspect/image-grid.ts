import { defineNode, type HostTensor, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { slice } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { codecInput, isLatent } from "../model/pixels";
import { mosaic, type PictureRow } from "./mosaic";

export const imageGrid = defineNode({
  type: "inspect/image-grid",
  version: 1,
  title: "Image grid",
  family: "inspect",
  help:
    "Shows the first samples of the batch on any image or state wires while training goes on: one picture, a line for each " +
    "wire in the order they were wired, images first. Clips play.",
  inputs: {
    images: wire.image.many(),
    states: wire.state.many(),
    codec: codecInput.describe("Shows latents as pictures. Decoding them takes its time in every step."),
  },
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
  emit({ images, states, codec }, { rows, every }, context) {
    const first = ({ x }: { readonly x: Tensor }) =>
      x.rank === 0 ? x : slice(x, { starts: [0], ends: [rows], axes: [0] });
    const drawn = (x: Tensor) => (codec !== undefined && isLatent(x, codec) ? codec.decode(x) : x);
    images.forEach((image, i) => {
      context.output(`image.${i}`, drawn(first(image)), every);
    });
    states.forEach((state, i) => {
      context.output(`state.${i}`, drawn(first(state)), every);
    });
    return {};
  },
  host: () => ({
    after(_step, values, io) {
      const wires = Object.entries(values).map(([name, tensor]) => ({ name, tensor }));
      const rows = wires.flatMap(({ tensor }) => {
        const row = clipRow(tensor);
        return row === null ? [] : [row];
      });
      if (rows.length > 0) io.frame({ socket: "images", row: 0, t: null, column: 0, ...mosaicClip(rows) });
      // Points are no pictures: those of a batch are drawn together, each wire by itself.
      wires
        .filter(({ tensor }) => clipRow(tensor) === null)
        .forEach(({ name, tensor: { shape, data } }, column) => {
          const socket = name.startsWith("image") ? "images" : "states";
          if (data instanceof Float32Array) io.frame({ socket, row: 0, t: null, column, shape, values: data });
        });
    },
  }),
});

/** A batch of pictures [B, C, H, W] or clips [B, F, C, H, W]: a row of pictures for each frame. Null when it is neither. */
function clipRow({ shape, data }: HostTensor): PictureRow[] | null {
  if ((shape.length !== 4 && shape.length !== 5) || !(data instanceof Float32Array)) return null;
  const [channels = 0, height = 0, width = 0] = shape.slice(-3);
  const [batch = 0, frames = 1] = shape.slice(0, -3);
  const size = channels * height * width;
  return Array.from({ length: frames }, (_, frame) => ({
    shape: [channels, height, width],
    pictures: Array.from({ length: batch }, (_, i) => {
      const at = (i * frames + frame) * size;
      return data.subarray(at, at + size);
    }),
  }));
}

/** All wires in one picture, or in one clip as long as the longest of them; what is shorter repeats. */
function mosaicClip(wires: readonly PictureRow[][]): { shape: number[]; values: Float32Array } {
  const frames = Math.max(...wires.map((rows) => rows.length));
  const drawn = Array.from({ length: frames }, (_, frame) =>
    mosaic(wires.map((rows) => rows[frame % rows.length] as PictureRow)),
  );
  const [first] = drawn;
  if (first === undefined || frames === 1) return first ?? { shape: [], values: new Float32Array() };
  const values = new Float32Array(frames * first.values.length);
  drawn.forEach((frame, i) => {
    values.set(frame.values, i * first.values.length);
  });
  return { shape: [frames, ...first.shape], values };
}
