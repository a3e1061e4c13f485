/** From a graph that trains a student to one that only scores it: a teacher's sampler, a grid of the student, and scorers. */
import { PATH_PARAMS } from "@distillery/nodes/evaluate/sampling";
import type { Endpoint, GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { SCORER_IDS, type ScorerId } from "@distillery/shared/protocol/arena";
import { GraphEdit } from "./graphEdit";
import { GraphReader, type Networks, networksOf } from "./networks";

export interface EvaluationOptions {
  readonly nfe: readonly number[];
  /** Guidance scales in the Imagen form; none: the student as it is. */
  readonly guidance: readonly number[];
  readonly teacherNfe: number;
  readonly batch: number;
  /** By these of `SCORERS`, even where the graph has such ones of its own: graphs are then measured alike. */
  readonly scorers?: readonly ScorerId[];
  /** So many results are shown as pictures, too. */
  readonly pictures?: number;
  /** Scorers of bundled models that are there are added where the graph has none of its own. */
  hasModel(id: string): boolean;
}

/** The graph cannot be evaluated; the message says why. */
export class NothingToEvaluate extends Error {
  override readonly name = "NothingToEvaluate";
}

/** Node that samples the student, and the one that shows results. */
export const GRID = "evaluation-grid";
export const PICTURES = "evaluation-pictures";
const TEACHER = "evaluation-teacher";

/**
 * Keeps what teacher, student and scorers stand on and leaves the rest out, training too: the run then samples and scores
 * once. Without scorers of its own the graph gets those of `SCORERS` whose models are there.
 */
export function evaluationGraph(
  document: GraphDocument,
  library: NodeLibrary,
  options: EvaluationOptions,
): { document: GraphDocument; teacher: string; start: string | undefined } {
  const graph = new GraphReader(document, library);
  const networks = networksOf(graph);
  if (networks === undefined)
    throw new NothingToEvaluate("nothing in this graph denoises, so there is nothing to evaluate.");
  const student = networks.studentSampler ?? networks.teacherSampler;
  if (student === undefined)
    throw new NothingToEvaluate(
      "this graph samples nothing, so it is not known which held-out pictures to start from. Add a Sampler of the student.",
    );
  const edit = new GraphEdit(document);
  const sampled = networks.teacherSampler;
  const isSingle = sampled !== undefined && graph.node(sampled)?.type !== "evaluate/grid";
  const teacher = isSingle ? sampled : addTeacher(edit, graph, networks, student);
  edit.set(teacher, { nfe: options.teacherNfe, batch: options.batch, every: 0 });
  addGrid(edit, graph, library, { networks, student }, options);
  const isOwn = (type: string) => options.scorers === undefined || !SCORERS.some((scorer) => scorer.type === type);
  const own = graph.document.nodes.filter(({ id, type }) => graph.type(id)?.scorer !== undefined && isOwn(type));
  const chosen = options.scorers ?? (own.length > 0 ? [] : SCORER_IDS);
  const added = addScorers(
    edit,
    graph,
    student,
    SCORERS.filter(({ id }) => chosen.some((each) => each === id)),
    options,
  );
  const samples = options.pictures ?? 0;
  const shown = samples > 0 ? addScorers(edit, graph, student, [{ ...SHOWN, params: { samples } }], options) : [];
  for (const { id } of own) rewire(edit, graph, networks, id, { teacher, isOwn: true });
  for (const id of [...added, ...shown]) rewire(edit, graph, networks, id, { teacher, isOwn: false });
  const wanted = [teacher, GRID, ...own.map(({ id }) => id), ...added, ...shown];
  return {
    document: onlyFor(edit.result("evaluation"), library, wanted),
    teacher,
    start: graph.source(student, "state")?.node,
  };
}

function addGrid(
  edit: GraphEdit,
  graph: GraphReader,
  library: NodeLibrary,
  { networks, student }: { networks: Networks; student: string },
  { nfe, guidance, batch }: EvaluationOptions,
): void {
  const known = graph.params(student);
  // The grid goes the way of the student's own sampler.
  const how = Object.fromEntries(
    PATH_PARAMS.flatMap((name) => (Object.hasOwn(known, name) ? [[name, known[name]]] : [])),
  );
  const isGuided = guidance.length > 0 && graph.source(student, "condition") !== undefined;
  // A student that is told the scale takes it as w = g - 1 and runs once.
  const isTold = known.guidance === "embedded";
  const scales = isTold ? guidance.map((g) => g - 1) : guidance;
  edit.add({
    id: GRID,
    type: "evaluate/grid",
    title: networks.trainsTeacher ? "Few evaluations" : "Student",
    params: {
      ...how,
      nfe: [...nfe],
      batch,
      every: 0,
      guidance: isTold ? "embedded" : isGuided ? "imagen" : "none",
      ...(isTold && scales.length === 0 && { guidanceScales: [known.guidanceScale ?? 7.5] }),
      ...((isGuided || isTold) && scales.length > 0 && { guidanceScales: [...scales] }),
    },
  });
  copyInputs(edit, graph, student, GRID, Object.keys(library.get("evaluate/grid")?.inputs ?? {}));
}

/** A teacher that is stepped in training, but sampled nowhere: from the student's start, guided as in training. */
function addTeacher(edit: GraphEdit, graph: GraphReader, { teacher, solver }: Networks, student: string): string {
  const trained = solver === undefined ? {} : graph.params(solver);
  const guidance = Object.fromEntries(
    ["guidance", "guidanceScale"].flatMap((name) => (Object.hasOwn(trained, name) ? [[name, trained[name]]] : [])),
  );
  edit.add({ id: TEACHER, type: "evaluate/sampler", title: "Teacher", params: guidance });
  copyInputs(edit, graph, student, TEACHER, ["x", "condition", "known", "mask", "codec"]);
  return connect(edit, teacher, TEACHER, "weights");
}

function copyInputs(edit: GraphEdit, graph: GraphReader, from: string, to: string, sockets: readonly string[]): void {
  for (const edge of graph.document.edges)
    if (edge.to.node === from && sockets.includes(edge.to.socket)) connect(edit, edge.from, to, edge.to.socket);
}

function connect(edit: GraphEdit, from: Endpoint, node: string, socket: string): string {
  edit.connect(`${from.node}.${from.socket}`, `${node}.${socket}`);
  return node;
}

interface AddedScorer {
  readonly id: string;
  readonly type: string;
  /** Bundled model it looks through, at its input `weights`. */
  readonly model?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** How it looks, where the encoder's defaults do not say. */
  readonly look?: Readonly<Record<string, unknown>>;
  /** Output of the paths' Start -> its input. */
  readonly wires: Readonly<Record<string, string>>;
}

const SCORERS: readonly AddedScorer[] = [
  { id: "style-similarity", type: "evaluate/style-similarity", model: "bundled:style", wires: { answer: "answer" } },
  { id: "judge", type: "evaluate/judge", model: "bundled:judge", wires: { condition: "condition" } },
  // Through the judge: the bundled features are what discriminators see, so students may have been trained to please them.
  { id: "fd", type: "evaluate/frechet", model: "bundled:judge", wires: { answer: "references" } },
  {
    id: "feature-distance",
    type: "evaluate/feature-distance",
    model: "bundled:ppocr",
    look: { size: 128, resize: "bilinear" },
    wires: { answer: "answer", x0: "source" },
  },
  { id: "psnr", type: "evaluate/psnr", wires: { answer: "answer" } },
  { id: "ssim", type: "evaluate/ssim", wires: { answer: "answer", x0: "source" } },
];

const SHOWN: AddedScorer = { id: "pictures", type: "evaluate/pictures", wires: { x0: "source", answer: "answer" } };

function addScorers(
  edit: GraphEdit,
  graph: GraphReader,
  student: string,
  scorers: readonly AddedScorer[],
  { hasModel }: EvaluationOptions,
): string[] {
  if (scorers.length === 0) return [];
  const start = graph.source(student, "state")?.node;
  if (start === undefined || graph.type(start)?.outputs.answer === undefined) {
    throw new NothingToEvaluate(
      "the graph scores nothing, and its samplers do not begin at a Start of a data set. Add scorers (family Evaluate) to the graph.",
    );
  }
  return scorers.flatMap(({ id, type, params = {}, model, look, wires }) => {
    if (model !== undefined && !hasModel(model)) return [];
    const name = `evaluation-${id}`;
    edit.add({ id: name, type, params });
    for (const [output, input] of Object.entries(wires)) connect(edit, { node: start, socket: output }, name, input);
    if (model !== undefined) {
      edit.add({ id: `${name}-model`, type: "model/encoder", params: { model, ...look } });
      edit.connect(`${name}-model.weights`, `${name}.weights`);
    }
    return [name];
  });
}

/** A scorer looks at the teacher's paths where it looked at a teacher's, and at the grid where it looked at a student's. */
function rewire(
  edit: GraphEdit,
  graph: GraphReader,
  { teacherSampler }: Networks,
  scorer: string,
  { teacher, isOwn }: { teacher: string; isOwn: boolean },
): void {
  const wired = graph.document.edges.filter(({ to }) => to.node === scorer && to.socket === "trajectory");
  edit.disconnect(scorer, "trajectory");
  const seesTeacher = !isOwn || wired.some(({ from }) => from.node === teacherSampler);
  const seesStudent = !isOwn || wired.some(({ from }) => from.node !== teacherSampler);
  if (seesTeacher) edit.connect(`${teacher}.trajectory`, `${scorer}.trajectory`);
  if (seesStudent) edit.connect(`${GRID}.trajectory`, `${scorer}.trajectory`);
}

/** The nodes that `wanted` stand on. */
function onlyFor(document: GraphDocument, library: NodeLibrary, wanted: readonly string[]): GraphDocument {
  const kept = new GraphReader(document, library).ancestors(wanted);
  return {
    ...document,
    nodes: document.nodes.filter(({ id }) => kept.has(id)),
    edges: document.edges.filter(({ from, to }) => kept.has(from.node) && kept.has(to.node)),
    frames: [],
  };
}

/** Without the wires that have nothing on them (a data set without right answers), and the added scorers that need them. */
export function withoutEmptyWires(
  document: GraphDocument,
  missing: readonly { edge?: GraphDocument["edges"][number] | undefined }[],
): GraphDocument {
  const same = (a: Endpoint, b: Endpoint) => a.node === b.node && a.socket === b.socket;
  const edges = document.edges.filter(
    (edge) => !missing.some((issue) => issue.edge && same(issue.edge.from, edge.from) && same(issue.edge.to, edge.to)),
  );
  const fed = (id: string, sockets: readonly string[]) =>
    edges.some(({ to }) => to.node === id && sockets.includes(to.socket));
  const gone = new Set(
    SCORERS.map(({ id, wires }) => ({ id: `evaluation-${id}`, sockets: Object.values(wires) }))
      .filter(({ id, sockets }) => !fed(id, sockets))
      .map(({ id }) => id),
  );
  return {
    ...document,
    nodes: document.nodes.filter(({ id }) => !gone.has(id)),
    edges: edges.filter(({ to }) => !gone.has(to.node)),
  };
}

/** Without the added scorers that say this data is none of theirs (a judge of other classes); the graph's own ones stay. */
export function withoutMisfits(
  document: GraphDocument,
  issues: readonly { node?: string | undefined }[],
): GraphDocument {
  const names = SCORERS.map(({ id }) => `evaluation-${id}`).filter((name) => issues.some(({ node }) => node === name));
  const gone = new Set(names.flatMap((name) => [name, `${name}-model`]));
  return {
    ...document,
    nodes: document.nodes.filter(({ id }) => !gone.has(id)),
    edges: document.edges.filter(({ from, to }) => !gone.has(from.node) && !gone.has(to.node)),
  };
}
