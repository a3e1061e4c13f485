import { defineNode, type HostIo, type HostTensor, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { slice } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { mosaic, pictureRow } from "../inspect/mosaic";

/** Measures nothing: the last states themselves, beside what they were made from and what they were to become. */
export const pictures = defineNode({
  type: "evaluate/pictures",
  version: 1,
  title: "Result pictures",
  family: "evaluate",
  help:
    "Shows the last states of every path, the first samples side by side in one picture each; and once the pictures they were made " +
    "from and the right answers, where those are wired. Paths from one Start show the same samples in the same places.",
  inputs: {
    trajectory: wire.trajectory.many(),
    source: wire.image.optional().describe("What the paths began from; from the Start of these paths."),
    answer: wire.image.optional().describe("What the results were to become; from the Start of these paths."),
  },
  outputs: {},
  params: z.object({
    samples: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(8)
      .meta({ title: "Samples", description: "Samples of the batch to show, side by side." }),
  }),
  scorer: {
    metrics: {},
    aligned: ["source", "answer"],
    emit({ source, answer }, { samples }, _context, { image }) {
      // Of points all are shown: one alone says nothing.
      const first = (x: Tensor) => (x.rank === 4 ? slice(x, { starts: [0], ends: [samples], axes: [0] }) : x);
      return {
        results: first(image),
        ...(source && { source: first(source.x) }),
        ...(answer && { answer: first(answer.x) }),
      };
    },
    show({ results, source, answer }, place, io) {
      if (results) frame("results", place, results, io);
      if (place > 0) return;
      if (source) frame("source", 0, source, io);
      if (answer) frame("answer", 0, answer, io);
    },
  },
});

function frame(socket: string, row: number, { shape, data }: HostTensor, io: HostIo): void {
  if (!(data instanceof Float32Array)) return;
  const line = pictureRow({ dtype: "float32", shape, data });
  io.frame({ socket, row, t: null, column: 0, ...(line ? mosaic([line]) : { shape, values: data }) });
}
