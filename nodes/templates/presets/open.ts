/** A template opened with one of its presets. */
import {
  edgeKey,
  type GraphDocument,
  type GraphFrame,
  type GraphNode,
  type Params,
} from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { withParameters } from "@distillery/shared/graph/overrides";
import { splitPath } from "@distillery/shared/graph/subgraph";
import { BASES } from "./bases";
import { CODEC, latentGraph, withoutLooseEnds } from "./latentGraph";
import type { Preset } from "./preset";
import { holds, unfolded } from "./unfolded";

/** @throws where the preset does not fit the template. */
export function opened(template: GraphDocument, preset: Preset, library: NodeLibrary): GraphDocument {
  const latent = latentGraph(unfolded(template), BASES[preset.base], preset.student, library);
  const nodes = latent.nodes.map((node) => ({ ...node, ...preset.swap[node.id] }));
  const wired = withWires({ ...latent, nodes: [...nodes, ...preset.add] }, preset.wires, library);
  const values = Object.fromEntries(Object.entries(preset.settings).map(([path, { value }]) => [path, value]));
  const { document, problems } = withParameters(withoutLooseEnds(wired, library), values, library);
  if (problems[0] !== undefined) throw new Error(`Preset "${preset.id}": ${problems[0].message}`);
  return laidOut(
    { ...document, name: `${template.name} (${preset.title})`, description: preset.description },
    noteOf(document, preset, library),
  );
}

function withWires(document: GraphDocument, wires: readonly string[], library: NodeLibrary): GraphDocument {
  const end = (text: string) => {
    const at = text.trim().lastIndexOf(".");
    return { node: text.trim().slice(0, at), socket: text.trim().slice(at + 1) };
  };
  const added = wires.flatMap((line) => {
    const [from = "", to = ""] = line.split(">");
    return to.split(",").map((each) => ({ from: end(from), to: end(each) }));
  });
  const typeOf = (id: string) => document.nodes.find((node) => node.id === id)?.type ?? "";
  const takesMany = ({ to }: (typeof added)[number]) =>
    library.get(typeOf(to.node))?.inputs[to.socket]?.cardinality === "many";
  const isReplaced = ({ to }: (typeof added)[number]) =>
    added.some((edge) => edge.to.node === to.node && edge.to.socket === to.socket && !takesMany(edge));
  const kept = document.edges.filter((edge) => !isReplaced(edge));
  const all = new Map([...kept, ...added].map((edge) => [edgeKey(edge), edge]));
  return { ...document, edges: [...all.values()] };
}

/** Every setting with its source, in words. */
function noteOf(document: GraphDocument, { base, settings, notes, title }: Preset, library: NodeLibrary): Note {
  const { title: model, size, frames } = BASES[base];
  const ids = document.nodes.map(({ id }) => id);
  const lines = Object.entries(settings).map(([path, { value, source }]) => {
    const found = splitPath(path, ids);
    const node = document.nodes.find(({ id }) => id === found?.node);
    const definition = node && library.get(node.type);
    const meta = found && definition?.params.shape[found.name]?.meta();
    return `- ${node?.title ?? definition?.title ?? path}, ${meta?.title ?? found?.name}: ${inWords(value)} (${source}).`;
  });
  const data = frames === undefined ? `pictures of ${size} px` : `clips of ${frames} frames of ${size} px`;
  const chosen = `Choose before it runs: data (${data}; each folder is a class), the teacher (${model}, as ONNX, and for text models its prompt table), both halves of its codec.`;
  return { title: `Full size: ${title}`, lines: [chosen, ...lines, ...notes.map((note) => `- ${note}`)] };
}

function inWords(value: Params[string]): string {
  if (typeof value === "number") return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name} ${inWords(each)}`)
    .join(", ");
}

interface Note {
  readonly title: string;
  readonly lines: readonly string[];
}

const GAP = 12;
const NOTE_WIDTH = 768;
const LINE_LENGTH = 118;
const CODEC_FRAME = { width: 248, height: 244 };

/** Left of everything: the codec, and beside it the note in place of the template's own. */
function laidOut(document: GraphDocument, { title, lines }: Note): GraphDocument {
  const left = Math.min(...document.frames.map(({ position }) => position.x)) - GAP;
  const top = Math.min(...document.frames.map(({ position }) => position.y));
  const rows = lines.reduce((sum, line) => sum + Math.ceil(line.length / LINE_LENGTH), 0);
  const note: GraphFrame = {
    id: "frame-preset",
    title,
    text: lines.join("\n"),
    position: { x: left - CODEC_FRAME.width - GAP - NOTE_WIDTH, y: top },
    size: { width: NOTE_WIDTH, height: 64 + 20 * rows },
  };
  const latents: GraphFrame = {
    id: "frame-latents",
    title: "Latents",
    text: "What lies between pictures and states.",
    position: { x: left - CODEC_FRAME.width, y: top },
    size: CODEC_FRAME,
    color: "#8a4fb0",
  };
  const placed = (node: GraphNode): GraphNode =>
    node.id === CODEC ? { ...node, position: { x: latents.position.x + 14, y: latents.position.y + 74 } } : node;
  return stagesInARow({
    ...document,
    nodes: document.nodes.map(placed),
    frames: [note, latents, ...document.frames.filter(({ id }) => id !== "frame-note")],
  });
}

const STAGE_WIDTH = 240;
const HEAD = 64;

/** Stages from first to last beside each other, added ones among them; what lies beyond makes room. */
function stagesInARow(document: GraphDocument): GraphDocument {
  const stages = document.nodes.filter(({ type }) => type === "train/stage");
  const nextOf = (id: string) =>
    document.edges.find(({ from, to }) => from.node === id && to.socket === "before")?.to.node;
  const later = new Set(stages.map(({ id }) => nextOf(id)));
  const order: string[] = [];
  for (let id = stages.find((stage) => !later.has(stage.id))?.id; id !== undefined; id = nextOf(id)) order.push(id);
  const frame = document.frames.find(({ id }) => id === "frame-stages");
  if (frame === undefined) return document;
  const { x, y } = frame.position;
  const width = Math.max(frame.size.width, STAGE_WIDTH * order.length + 8);
  const beyond = document.frames.filter(({ position }) => position.y === y && position.x > x);
  const moved = <T extends Pick<GraphNode, "position">>(item: T): T => ({
    ...item,
    position: { x: item.position.x + width - frame.size.width, y: item.position.y },
  });
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      const at = order.indexOf(node.id);
      if (at >= 0) return { ...node, position: { x: x + 14 + STAGE_WIDTH * at, y: y + HEAD } };
      return beyond.some((each) => holds(each, node)) ? moved(node) : node;
    }),
    frames: document.frames.map((each) => {
      if (each === frame) return { ...frame, size: { ...frame.size, width } };
      return beyond.includes(each) ? moved(each) : each;
    }),
  };
}
