import { defineNode, type HostTensors, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { slice } from "@distillery/shared/onnx/ops";
import { z } from "zod";

export const imageGrid = defineNode({
  type: "inspect/image-grid",
  version: 1,
  title: "Image grid",
  family: "inspect",
  help: "Shows the first samples of the batch on any image or state wire while training goes on.",
  inputs: { images: wire.image.many(), states: wire.state.many() },
  outputs: {},
  params: z.object({
    rows: z
      .number()
      .int()
      .min(1)
      .max(32)
      .default(4)
      .meta({ title: "Rows", description: "Samples of the batch to show." }),
    every: z
      .number()
      .int()
      .min(1)
      .default(25)
      .meta({ title: "Every", description: "Show anew after that many steps.", unit: "steps" }),
  }),
  emit({ images, states }, { rows, every }, context) {
    const first = (x: Tensor) => (x.rank === 0 ? x : slice(x, { starts: [0], ends: [rows], axes: [0] }));
    images.forEach(({ x }, i) => {
      context.output(`image.${i}`, first(x), every);
    });
    states.forEach(({ x, t }, i) => {
      context.output(`state.${i}`, first(x), every);
      context.output(`state.${i}.t`, first(t.schedule.timestep(t)), every);
    });
    return {};
  },
  host: () => ({
    after(_step, values, io) {
      let column = 0;
      for (const [name, tensor] of Object.entries(values)) {
        if (name.endsWith(".t") || !(tensor.data instanceof Float32Array)) continue;
        const socket = name.startsWith("image") ? "images" : "states";
        const times = timesOf(values, name);
        const [batch = 0, ...shape] = tensor.shape;
        const size = tensor.data.length / batch;
        const isPlane = shape.join() === "2";
        // The points of a 2-D batch belong in one picture.
        for (let row = 0; row < (isPlane ? 1 : batch); row++) {
          const cut = isPlane ? tensor.data : tensor.data.slice(row * size, (row + 1) * size);
          io.frame({
            socket,
            row,
            t: times?.[row] ?? null,
            column,
            shape: isPlane ? tensor.shape : shape,
            values: cut,
          });
        }
        column++;
      }
    },
  }),
});

function timesOf(values: HostTensors, name: string): Float32Array | undefined {
  const times = values[`${name}.t`]?.data;
  return times instanceof Float32Array ? times : undefined;
}
