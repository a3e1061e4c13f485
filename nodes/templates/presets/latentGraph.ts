/** From a template, which works on pixels of bundled data, to the same graph on latents of a model of one's own. */
import type { Endpoint, GraphDocument, GraphFrame, GraphNode, Params } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Base } from "./bases";

export type Student = "lora" | "full" | "told";

type Kind = Pick<GraphNode, "type" | "params" | "title">;

/** Files and data that are to be chosen, by node; none is named, so opening the graph asks for them. */
const CHOICES: Readonly<Record<string, Kind>> = {
  data: { type: "data/user-images", title: "My images", params: {} },
  teacher: { type: "model/onnx", title: "Teacher", params: {} },
  features: {
    type: "model/encoder",
    title: "DINO features",
    params: {
      model: "",
      hooks: ["blocks.2", "blocks.5", "blocks.8", "blocks.11"],
      size: 224,
      normalisation: "imagenet",
    },
  },
};

const STUDENTS: Readonly<Record<Student, Kind>> = {
  lora: { type: "student/lora", params: { rank: 64, alpha: 64 } },
  full: { type: "student/copy", params: {} },
  told: { type: "model/onnx", params: { trainable: true } },
};

/** Judges of the bundled data's own classes and drawings. */
const ONLY_BUNDLED = ["evaluate/judge", "evaluate/style-similarity"];
const ONLY_BUNDLED_NODES = ["judge-network", "style-network"];

/** Right answers and exact flows. */
const ONLY_BUNDLED_SOCKETS = ["answer", "flow"];

/** What no pictures of one's own need, or too much at full size. */
const STARTS: Params = { otherClass: false, flip: 0, shift: 0, dropContent: 0 };
const SAMPLERS: Params = { batch: 4, every: 1000 };

export const CODEC = "codec";

/** Networks and data are left open, states become latents, and what measures against bundled pictures goes. */
export function latentGraph(
  document: GraphDocument,
  base: Base,
  student: Student,
  library: NodeLibrary,
): GraphDocument {
  const swaps: Readonly<Record<string, Kind>> = { ...CHOICES, student: STUDENTS[student] };
  const kept = document.nodes.filter(
    ({ id, type }) => !ONLY_BUNDLED.includes(type) && !ONLY_BUNDLED_NODES.includes(id),
  );
  const nodes = kept.map((node) => adapted({ ...node, ...swaps[node.id] }, base, library));
  const codec: GraphNode = { id: CODEC, type: "model/codec", params: base.codec, position: { x: 0, y: 0 } };
  const edges = document.edges.map(withoutAnswers).map(inLatents);
  const graph = { ...document, nodes: [codec, ...nodes], edges, frames: document.frames.map(retold) };
  return withoutLooseEnds({ ...graph, edges: [...graph.edges, ...codecWires(graph.nodes, library)] }, library);
}

function adapted(node: GraphNode, base: Base, library: NodeLibrary): GraphNode {
  const params: Params =
    node.type === "schedule/vp"
      ? base.schedule
      : node.type === "data/start"
        ? STARTS
        : library.get(node.type)?.sampler
          ? SAMPLERS
          : {};
  const title = node.type === "data/start" ? { title: node.id === "start" ? "Start" : "Held-out start" } : {};
  return { ...node, ...title, params: { ...node.params, ...params } };
}

/** What the templates tell of their bundled data and judges, told of one's own. */
const TEXTS: Readonly<Record<string, string>> = {
  "frame-data": "Your own pictures, encoded and noised; the class they lie in is the condition.",
  "frame-networks": "Choose the teacher's file; the student starts as it does.",
};
const reworded = (text: string): string =>
  text.replace("held-out glyphs", "held-out pictures").replace(/ Judge and style descriptor[^.]*\./, "");
const retold = (frame: GraphFrame): GraphFrame => ({
  ...frame,
  title: reworded(frame.title),
  text: TEXTS[frame.id] ?? reworded(frame.text),
});

type Edge = GraphDocument["edges"][number];
const renamed = (end: Endpoint, socket: string): Endpoint => ({ ...end, socket });

/** Pictures of one's own have no right answer in another class: what was stored beside a path is the picture itself. */
const withoutAnswers = (edge: Edge): Edge =>
  edge.from.socket === "answer" && edge.to.node === "bank" ? { ...edge, from: renamed(edge.from, "x0") } : edge;

/** Clean samples that are noised again have to be latents. */
const inLatents = (edge: Edge): Edge =>
  edge.from.socket === "x0" && edge.to.node === "mixed" ? { ...edge, from: renamed(edge.from, "latent") } : edge;

/** Wherever a node can take a codec. */
const codecWires = (nodes: readonly GraphNode[], library: NodeLibrary): Edge[] =>
  nodes.flatMap(({ id, type }) =>
    Object.entries(library.get(type)?.inputs ?? {}).flatMap(([socket, input]) =>
      input.type === "codec" ? [{ from: { node: CODEC, socket: "codec" }, to: { node: id, socket } }] : [],
    ),
  );

/** Links whose ends are there; then without encoders that nobody asks and curves without a line. */
export function withoutLooseEnds(document: GraphDocument, library: NodeLibrary): GraphDocument {
  const types = new Map(document.nodes.map(({ id, type }) => [id, library.get(type)]));
  const edges = document.edges.filter(
    ({ from, to }) =>
      !ONLY_BUNDLED_SOCKETS.includes(from.socket) &&
      types.get(from.node)?.outputs[from.socket] !== undefined &&
      types.get(to.node)?.inputs[to.socket] !== undefined,
  );
  const isLoose = ({ id, type }: GraphNode) => type === "inspect/curve" && !edges.some(({ to }) => to.node === id);
  return { ...document, nodes: document.nodes.filter((node) => !isLoose(node)), edges };
}
