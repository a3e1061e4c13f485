/** A scorer's graph: what it compares with, made as the paths' starts are made, and its measure of their last states. */
import type { Issue } from "../graph/document";
import type { ScoredPath } from "../graph/node";
import type { Resources, StateValue } from "../graph/wires";
import { Emission } from "./emit";
import { ancestors, buildOptions, isEmitting, onlySockets, type ResolvedGraph, type ResolvedNode } from "./resolve";
import { StageBuilder } from "./stageBuilder";
import type { SamplerStage, ScorerStage } from "./stages";

const TRAJECTORY = "trajectory";

export function buildScorers(
  graph: ResolvedGraph,
  samplers: readonly SamplerStage[],
  resources: Resources,
  issues: Issue[],
): ScorerStage[] {
  return graph.order.flatMap((node) =>
    node.definition.scorer === undefined ? [] : (buildScorer(graph, node, samplers, resources, issues) ?? []),
  );
}

function buildScorer(
  graph: ResolvedGraph,
  node: ResolvedNode,
  all: readonly SamplerStage[],
  resources: Resources,
  issues: Issue[],
): ScorerStage | undefined {
  const { scorer } = node.definition;
  const wired = (node.inputs.get(TRAJECTORY) ?? []).map(({ from }) => from.node);
  const samplers = wired.flatMap((id) => all.find((sampler) => sampler.node.id === id) ?? []);
  const [first] = samplers;
  // A sampler that could not be built has said so itself.
  if (scorer === undefined || (first === undefined && wired.length > 0)) return undefined;
  const builder = new StageBuilder({
    name: `${node.id}.score`,
    kind: "start",
    batch: first?.batch ?? 1,
    ...buildOptions(graph),
    resources,
  });
  const emission = new Emission(graph, builder, issues);
  const context = builder.context(node.id, node.title);
  const sockets = Object.keys(node.definition.inputs).filter((socket) => socket !== TRAJECTORY);
  const needed = ancestors(graph, sourcesAt(node, sockets), { delayed: false });
  for (const each of graph.order) if (needed.has(each.id) && isEmitting(each)) emission.emit(each);
  const inputs = emission.inputsOf(onlySockets(node, sockets), { delayed: false });
  if (inputs === undefined) return undefined;

  return emission.attempt(node, () => {
    if (first === undefined)
      return context.fail("There is nothing to score: wire a sampler's trajectory here.", TRAJECTORY, "missing-input");
    requireAlike(samplers, context);
    requireSameStart(graph, node, scorer.aligned, samplers, builder, context);
    const { graph: onnx } = builder;
    const image = onnx.input(`${node.id}.image`, "float32", pictureShape(first));
    const places = scorer.states?.(node.params) ?? [];
    if (places.length > 0) requireSameTimes(samplers, context);
    const states = places.map((_, i) => stateInput(first, builder, `${node.id}.state.${i}`));
    const path: ScoredPath = { image, states };
    const values = onnx.scope(node.id, () => scorer.emit(inputs, node.params, context, path));
    const outputs = Object.fromEntries(
      Object.entries(values).map(([name, tensor]) => [name, builder.expose(tensor).name]),
    );
    issues.push(...builder.warnings);
    builder.prune();
    const kept = (name: string) => (onnx.values.has(name) ? name : null);
    return {
      builder,
      values: emission.values,
      nodes: emission.emitted,
      node,
      samplers: samplers.map((sampler) => sampler.node.id),
      batch: first.batch,
      image: kept(image.name),
      states: places.map((at, i) => ({ at, x: kept(`${node.id}.state.${i}.x`), t: kept(`${node.id}.state.${i}.t`) })),
      outputs,
    };
  });
}

type Context = ReturnType<StageBuilder["context"]>;

const sourcesAt = (node: ResolvedNode, sockets: readonly string[]): string[] =>
  sockets.flatMap((socket) => (node.inputs.get(socket) ?? []).map((edge) => edge.from.node));

/** Of the last states, as they are looked at. */
const pictureShape = ({ decoder, batch, sampleShape }: SamplerStage): readonly number[] =>
  decoder?.shape ?? [batch, ...sampleShape];

/** One graph measures the paths of all samplers. */
function requireAlike(samplers: readonly SamplerStage[], context: Context): void {
  const [first, ...others] = samplers;
  for (const other of others) {
    if (first === undefined || pictureShape(other).join() === pictureShape(first).join()) continue;
    const describe = (sampler: SamplerStage) =>
      `"${sampler.node.title}" samples ${sampler.batch} of [${pictureShape(sampler).slice(1).join(", ")}]`;
    context.fail(
      `${describe(first)}, ${describe(other)}; give the samplers that are scored together one start and one batch.`,
      TRAJECTORY,
      "batch-mismatch",
    );
  }
}

/** States are looked at together with their times, which are numbered by one schedule. */
function requireSameTimes(samplers: readonly SamplerStage[], context: Context): void {
  const [first, ...others] = samplers;
  const other = others.find(({ schedule }) => schedule.id !== first?.schedule.id);
  if (first === undefined || other === undefined) return;
  context.fail(
    `"${first.node.title}" and "${other.node.title}" visit other times; measure them apart, or give both even spacing on one schedule.`,
    TRAJECTORY,
    "schedule-mismatch",
  );
}

/** What is compared picture by picture must be drawn by the same Start as the paths' own first states. */
function requireSameStart(
  graph: ResolvedGraph,
  node: ResolvedNode,
  aligned: readonly string[],
  samplers: readonly SamplerStage[],
  builder: StageBuilder,
  context: Context,
): void {
  const drawing = new Set(builder.hostInputs.map((input) => input.node));
  for (const socket of aligned) {
    const sources = ancestors(graph, sourcesAt(node, [socket]), { delayed: false });
    for (const sampler of samplers) {
      const own = new Set(sampler.start.nodes.map(({ id }) => id));
      const strange = [...sources].find((id) => drawing.has(id) && !own.has(id));
      if (strange === undefined) continue;
      context.fail(
        `"${socket}" comes from "${graph.nodes.get(strange)?.title ?? strange}", but the paths of "${sampler.node.title}" begin elsewhere, ` +
          "so the pictures would be compared with others' answers. Wire it from the Start that this sampler begins at.",
        socket,
        "start-mismatch",
      );
    }
  }
}

/** A state on a path: its solver node is the same for all samples and fed with it. */
function stateInput(sampler: SamplerStage, builder: StageBuilder, name: string): StateValue {
  const { schedule, batch, sampleShape } = sampler;
  const node = builder.graph.input(`${name}.t`, "int64", [batch]);
  return {
    x: builder.graph.input(`${name}.x`, "float32", [batch, ...sampleShape]),
    t: {
      node,
      schedule,
      label: {
        id: name,
        text: `a time on the path of "${sampler.node.title}"`,
        min: 0,
        max: schedule.nodes,
        notAfter: [],
      },
    },
  };
}
