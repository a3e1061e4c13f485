/** From a run's document to one that restyles a picture: its networks and what they stand on, a picture, and two samplers. */
import { STEP_PARAMS } from "@distillery/nodes/evaluate/sampling";
import {
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
  type Endpoint,
  type GraphDocument,
  type GraphNode,
  type Params,
} from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { asParams } from "../graph/graphEdit";
import { GraphReader, networksOf } from "../graph/networks";

/** Resource paths under which the worker finds what the user gave. */
export const PICTURE_PATH = "picture:source";
export const MASK_PATH = "picture:mask";

/** Nodes that the document gets. */
export const PLAYGROUND_NODES = {
  picture: "playground:picture",
  teacher: "playground:teacher",
  student: "playground:student",
} as const;

/** What a run's document offers the playground. */
export interface Stylist {
  readonly graph: GraphReader;
  readonly teacher: Endpoint;
  readonly student: Endpoint | null;
  /** Whether the teacher, too, has its weights from the run. */
  readonly trainsTeacher: boolean;
  readonly dataset: Endpoint;
  readonly schedule: Endpoint;
  /** Where states are latents. */
  readonly codec: Endpoint | undefined;
  readonly teacherSampler: string | undefined;
  readonly studentSampler: string | undefined;
  /** Classes the run's samples come from, and those they become; none means any. */
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly defaults: { eta: number; nfe: number; teacherNfe: number; guidance: number; guidanceStudent: number };
}

/** Where a graph does not say. */
const DEFAULTS = { eta: 0.75, nfe: 4, teacherNfe: 50 } as const;

/** Reads a document; undefined when nothing in it denoises from a start of noised samples. */
export function stylistOf(document: GraphDocument, library: NodeLibrary): Stylist | undefined {
  const graph = new GraphReader(document, library);
  const networks = networksOf(graph);
  if (networks === undefined) return undefined;
  const { teacher, student, trainsTeacher, teacherSampler, studentSampler, solver } = networks;
  const start = startBelow(graph, [studentSampler, teacherSampler, solver]);
  if (start === undefined) return undefined;
  const [dataset, schedule] = [graph.source(start, "dataset"), graph.source(start, "schedule")];
  if (dataset === undefined || schedule === undefined) return undefined;
  return {
    graph,
    teacher,
    student,
    trainsTeacher,
    dataset,
    schedule,
    codec: graph.source(start, "codec"),
    teacherSampler,
    studentSampler,
    sources: namesIn(graph.params(start).sourceClasses),
    targets: namesIn(graph.params(start).targetClasses),
    defaults: {
      eta: numberOr(graph.params(start).eta, DEFAULTS.eta),
      nfe: DEFAULTS.nfe,
      teacherNfe: DEFAULTS.teacherNfe,
      guidance: guidanceOf(graph, teacherSampler ?? solver),
      guidanceStudent: guidanceOf(graph, studentSampler),
    },
  };
}

/** The nearest node upstream that noises samples of a data set. */
function startBelow(graph: GraphReader, users: readonly (string | undefined)[]): string | undefined {
  for (const user of users) {
    const x = user === undefined ? undefined : graph.source(user, "state");
    if (x === undefined) continue;
    for (const id of graph.ancestors([x.node]))
      if (graph.source(id, "dataset") !== undefined && graph.source(id, "schedule") !== undefined) return id;
  }
  return undefined;
}

const namesIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

const numberOr = (value: unknown, other: number): number => (typeof value === "number" ? value : other);

/** The scale w of p = c + w (c - u) that a sampler or solver uses; of a range its middle, of several the first. */
function guidanceOf(graph: GraphReader, id: string | undefined): number {
  const params = id === undefined ? {} : graph.params(id);
  const { guidance, guidanceScale, guidanceScales, guidanceScaleTo, guidanceDraw } = params;
  if (guidance !== "lcm" && guidance !== "imagen" && guidance !== "embedded") return 0;
  const low = numberOr(Array.isArray(guidanceScales) ? guidanceScales[0] : guidanceScale, 0);
  const scale = guidanceDraw === "uniform" ? (low + numberOr(guidanceScaleTo, low)) / 2 : low;
  return guidance === "imagen" ? scale - 1 : scale;
}

export interface StyleSettings {
  readonly style: string;
  readonly content: string | null;
  readonly eta: number;
  readonly nfe: number;
  readonly teacherNfe: number;
  readonly guidance: number;
  readonly guidanceStudent: number;
  readonly seed: number;
  readonly hasMask: boolean;
  /** Whose paths are wanted. */
  readonly paths: readonly ("teacher" | "student")[];
}

/** The document to execute with the run's checkpoint: networks keep their ids, so their variables keep their names. */
export function stylizeDocument(stylist: Stylist, settings: StyleSettings): GraphDocument {
  const { graph, dataset, schedule, teacher, student } = stylist;
  const codec = stylist.codec === undefined ? [] : [stylist.codec];
  const walks = [
    { id: PLAYGROUND_NODES.teacher, weights: teacher, params: teacherParams(stylist, settings), who: "teacher" },
    { id: PLAYGROUND_NODES.student, weights: student, params: studentParams(stylist, settings), who: "student" },
  ] as const;
  const wanted = walks.flatMap(({ weights, who, ...walk }) =>
    weights === null || !settings.paths.includes(who) ? [] : [{ ...walk, weights }],
  );
  const kept = graph.ancestors(
    [dataset, schedule, ...codec, ...wanted.map(({ weights }) => weights)].map(({ node }) => node),
  );
  const wire = (from: Endpoint, node: string, socket: string) => ({ from, to: { node, socket } });
  const from = (socket: string): Endpoint => ({ node: PLAYGROUND_NODES.picture, socket });
  const known = settings.hasMask
    ? ([
        ["latent", "known"],
        ["mask", "mask"],
      ] as const)
    : [];
  return {
    format: DOCUMENT_FORMAT,
    version: DOCUMENT_VERSION,
    name: graph.document.name,
    description: "",
    nodes: [
      ...graph.document.nodes.filter(({ id }) => kept.has(id)),
      newNode(PLAYGROUND_NODES.picture, "data/picture", {
        picture: PICTURE_PATH,
        mask: settings.hasMask ? MASK_PATH : "",
        eta: settings.eta,
        class: settings.style,
        content: settings.content ?? "",
      }),
      ...wanted.map(({ id, params }) => newNode(id, "evaluate/sampler", params)),
    ],
    edges: [
      ...graph.document.edges.filter(({ from: source, to }) => kept.has(source.node) && kept.has(to.node)),
      wire(dataset, PLAYGROUND_NODES.picture, "dataset"),
      wire(schedule, PLAYGROUND_NODES.picture, "schedule"),
      ...codec.flatMap((each) =>
        [PLAYGROUND_NODES.picture, ...wanted.map(({ id }) => id)].map((id) => wire(each, id, "codec")),
      ),
      ...wanted.flatMap(({ id, weights }) => [
        wire(weights, id, "weights"),
        wire(from("x"), id, "x"),
        wire(from("condition"), id, "condition"),
        ...known.map(([output, input]) => wire(from(output), id, input)),
      ]),
    ],
    frames: [],
    viewport: { x: 0, y: 0, zoom: 1 },
    seed: settings.seed,
  };
}

const newNode = (id: string, type: string, params: Params): GraphNode => ({
  id,
  type,
  version: 1,
  params,
  position: { x: 0, y: 0 },
});

/** What every path here has in common; without a condition to leave out there is nothing to guide by. */
const pathParams = (nfe: number, guidance: number): Params => ({
  nfe,
  guidance: guidance === 0 ? "none" : "lcm",
  guidanceScale: guidance,
  lastStepToClean: true,
  every: 0,
  batch: 1,
});

const teacherParams = ({ graph, teacherSampler }: Stylist, { teacherNfe, guidance }: StyleSettings): Params => ({
  ...solverOf(graph, teacherSampler),
  ...pathParams(teacherNfe, guidance),
});

const studentParams = ({ graph, studentSampler }: Stylist, { nfe, guidanceStudent }: StyleSettings): Params => ({
  ...solverOf(graph, studentSampler),
  ...pathParams(nfe, guidanceStudent),
  // A student that is told the scale has to be told one, be it 0.
  ...(isTold(graph, studentSampler) ? { guidance: "embedded" } : {}),
});

const isTold = (graph: GraphReader, sampler: string | undefined): boolean =>
  sampler !== undefined && graph.params(sampler).guidance === "embedded";

/** The solver a run samples with, and what belongs to it. */
function solverOf(graph: GraphReader, sampler: string | undefined): Params {
  const params = sampler === undefined ? {} : graph.params(sampler);
  return asParams(
    Object.fromEntries(STEP_PARAMS.flatMap((name) => (Object.hasOwn(params, name) ? [[name, params[name]]] : []))),
  );
}
