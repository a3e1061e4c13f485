/** Test-only: a graph that distils a teacher of small pictures in two styles, and scores teacher and student. */
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import type { DatasetValue, Split } from "@distillery/shared/graph/wires";
import { concat, flatten, mul, reduceMean, reshape } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { library } from "../library";
import { formulaEncoder } from "./encoders";

const SIZE = 12;
const ITEMS = 6;

/** Bright bars in style 0, the same bars dark in style 1; items 4 and 5 are held out. */
function draw(item: number, style: number, out: Float32Array, offset: number): void {
  for (let i = 0; i < 3 * SIZE * SIZE; i++) {
    const x = i % SIZE;
    out[offset + i] = (style === 0 ? 0.6 : -0.6) + 0.3 * Math.sin((x * (item + 1)) / 3);
  }
}

const itemsOf = (split: Split): number[] =>
  Array.from({ length: ITEMS }, (_, i) => i).filter((i) => split === "all" || (split === "heldOut") === i >= 4);

const dataset: DatasetValue = {
  id: "pictures",
  title: "Pictures",
  sampleShape: [3, SIZE, SIZE],
  classes: ["bright", "dark"],
  paired: true,
  trainCount: 8,
  open: () =>
    Promise.resolve({
      count: (split, classIndex) => itemsOf(split).length * (classIndex === undefined ? 2 : 1),
      read(split, index, out, offset, classIndex) {
        const items = itemsOf(split);
        const item = items[index % items.length] ?? 0;
        const style = classIndex ?? Math.floor(index / items.length);
        draw(item, style, out, offset);
        return { class: style, content: -1, item };
      },
      readItem: (item, classIndex, out, offset) => draw(item, classIndex, out, offset),
    }),
};

const pictures = defineNode({
  type: "data/pictures",
  version: 1,
  title: "Pictures",
  family: "data",
  help: "Bars in two styles.",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params: z.object({}),
  emit: () => ({ dataset }),
});

/** Tells the style by the mean brightness. */
const eye = defineNode({
  type: "model/eye",
  version: 1,
  title: "Eye",
  family: "model",
  help: "An encoder by a formula.",
  inputs: {},
  outputs: { weights: wire.weights },
  params: z.object({}),
  emit: () => ({
    weights: formulaEncoder((images) => {
      const batch = images.shape[0] as number;
      const mean = reshape(reduceMean(flatten(images), { axes: [1] }), [batch, 1]);
      return {
        layers: [reshape(images, [batch, 3, -1])],
        embedding: concat([mean, reduceMean(images, { axes: [2, 3], keepdims: false })], { axis: 1 }),
        logits: { class: concat([mean, mul(mean, -1)], { axis: 1 }) },
      };
    }),
  }),
});

export const pictureLibrary = new NodeLibrary([...library.all(), pictures, eye]);

const nodes: readonly [id: string, type: string, params?: Params][] = [
  ["data", "data/pictures"],
  ["schedule", "schedule/vp", { nodes: 10 }],
  ["start", "data/start", { time: "uniform" }],
  ["teacher", "model/ideal-denoiser"],
  ["student", "student/mlp", { width: 8, depth: 1 }],
  ["loss", "loss/denoising"],
  ["trainer", "train/trainer", { steps: 4, batch: 4 }],
  ["heldOut", "data/start", { split: "heldOut", sourceClasses: ["bright"], targetClasses: ["dark"] }],
  ["teacherPath", "evaluate/sampler", { nfe: 50, batch: 6, every: 2, guidance: "imagen", guidanceScale: 1 }],
  ["grid", "evaluate/grid", { nfe: [4, 2], guidanceScales: [1, 3], batch: 6, every: 2 }],
];

const scorers: typeof nodes = [
  ["eye", "model/eye"],
  ["style", "evaluate/style-similarity"],
  ["judge", "evaluate/judge"],
  ["psnr", "evaluate/psnr"],
  ["ssim", "evaluate/ssim"],
  ["fd", "evaluate/frechet"],
  ["consistency", "evaluate/self-consistency"],
];

const wires = `
  data.dataset > start.dataset, heldOut.dataset, teacher.dataset, student.dataset
  schedule.schedule > start.schedule, heldOut.schedule
  start.x > loss.x
  start.x0 > loss.x0
  start.condition > loss.condition
  student.weights > loss.weights, trainer.weights, grid.weights
  loss.loss > trainer.loss
  teacher.weights > teacherPath.weights
  heldOut.x > teacherPath.x, grid.x
  heldOut.condition > teacherPath.condition, grid.condition
`;
const scorerWires = `
  eye.weights > style.weights, judge.weights, fd.weights
  teacherPath.trajectory > style.trajectory, judge.trajectory, psnr.trajectory, ssim.trajectory, fd.trajectory, consistency.trajectory
  grid.trajectory > style.trajectory, judge.trajectory, psnr.trajectory, ssim.trajectory, fd.trajectory
  heldOut.answer > style.answer, psnr.answer, ssim.answer, fd.references
  heldOut.x0 > ssim.source
  heldOut.condition > judge.condition, consistency.condition
  student.weights > consistency.weights
`;

const endpoint = (text: string) => {
  const [node = "", socket = ""] = text.trim().split(".");
  return { node, socket };
};

/** The document; `scored: false` leaves the scorers out. */
export function pictureGraph(
  options: { scored?: boolean; params?: Readonly<Record<string, Params>> } = {},
): GraphDocument {
  const { scored = true, params = {} } = options;
  const lines = (scored ? wires + scorerWires : wires).trim().split("\n");
  return {
    ...emptyDocument("pictures"),
    nodes: [...nodes, ...(scored ? scorers : [])].map(([id, type, given]) => ({
      id,
      type,
      params: { ...given, ...params[id] },
      position: { x: 0, y: 0 },
    })),
    edges: lines
      .filter((line) => line.trim() !== "")
      .flatMap((line) => {
        const [from = "", to = ""] = line.split(">");
        return to.split(",").map((each) => ({ from: endpoint(from), to: endpoint(each) }));
      }),
  };
}
