/** Writes a trained network as one ONNX file with its weights inside: `x, t (, class, content) -> predX0, eps`, or an encoder. */
import { Emission } from "../compile/emit";
import { ancestors, buildOptions } from "../compile/resolve";
import { StageBuilder } from "../compile/stageBuilder";
import type { Plan } from "../compile/stages";
import type { Issue } from "../graph/document";
import type { HostTensors } from "../graph/node";
import { atTimesteps } from "../graph/timesteps";
import type { ConditionValue, Resources, StateValue, WeightsValue } from "../graph/wires";
import { encodeModel } from "../onnx/codec";
import { type Evaluate, foldWeights } from "../onnx/foldWeights";
import { freeBatch } from "../onnx/freeBatch";
import type { Graph, Tensor } from "../onnx/graph";
import { type Precision, packWeights } from "../onnx/packWeights";
import { exposeAs, exposeEncoder } from "./exportEncoder";
import { surroundings } from "./exportedNetwork";
import { RunError } from "./nonFinite";

export interface ExportSource {
  readonly node: string;
  readonly socket: string;
  readonly sampleShape: readonly number[];
}

export interface ExportOptions {
  readonly precision: Precision;
  /** Runs the part of the graph that works a LoRA into the weights it changes. */
  readonly evaluate: Evaluate;
}

/**
 * The network of `weights`, for any batch size. Encoders are written as exportEncoder.ts says; of a denoiser:
 * Inputs: `x` float32 [B, ...], `t` int64 [B] (timestep 0..T-1), int64 [B] for every label (`class`, `content`) it was trained
 * with, and the guidance scale `w` float32 [B] if it is told that.
 * Outputs: `predX0` and `eps`, both like `x`.
 */
export async function exportModel(
  plan: Plan,
  weights: ExportSource,
  variables: HostTensors,
  resources: Resources,
  { precision, evaluate }: ExportOptions,
): Promise<Uint8Array> {
  const [one, other] = await Promise.all([
    buildNetwork(plan, weights, variables, resources, 2),
    buildNetwork(plan, weights, variables, resources, 3),
  ]);
  const free = freeBatch(one.builder.graph, other.builder.graph);
  const graph = await foldWeights(free, one.changes, evaluate);
  const { frozen } = one.builder;
  const isFolded = (name: string) => graph.initializers.has(name) && !free.initializers.has(name);
  const isWeight = (name: string) => one.builder.variables.has(name) || frozen.has(name) || isFolded(name);
  const names = storedNames(graph, isWeight, plan);
  return encodeModel(packWeights(graph, names, precision), { freeAxis: "batch", weights: [...names.values()] });
}

interface Network {
  readonly builder: StageBuilder;
  /** Parameters of a change of the weights, which is worked into them. */
  readonly changes: ReadonlySet<string>;
}

async function buildNetwork(
  plan: Plan,
  weights: ExportSource,
  variables: HostTensors,
  resources: Resources,
  batch: number,
): Promise<Network> {
  const builder = new StageBuilder({
    name: "student",
    kind: "sample",
    batch,
    ...buildOptions(plan.graph),
    resources,
  });
  const issues: Issue[] = [];
  const emission = new Emission(plan.graph, builder, issues);
  const needed = ancestors(plan.graph, [weights.node], { delayed: false });
  for (const node of plan.graph.order) if (needed.has(node.id)) emission.emit(node);
  const network = emission.values.get(weights.node)?.[weights.socket] as WeightsValue | undefined;
  if (network === undefined)
    throw new RunError(issues[0]?.message ?? "The weights to export are not in the graph.", weights.node);
  const { graph } = builder;
  const { predict, extract } = network;
  if (predict !== undefined) exposeDenoiser(plan, graph, { ...network, predict }, batch, weights);
  else if (extract !== undefined) exposeEncoder(graph, { ...network, extract }, [batch, ...weights.sampleShape]);
  else throw new RunError(`"${network.title}" is no network that can be exported.`, weights.node);
  for (const [name, { tensor }] of builder.variables) {
    const value = variables[name];
    if (value === undefined) throw new RunError(`The weights have no value for "${name}".`, weights.node);
    graph.bind(tensor, () => value.data);
  }
  await builder.load();
  const own = [...builder.variables].flatMap(([name, { owner }]) => (owner === network.owner ? [name] : []));
  return { builder, changes: new Set(network.adapter === undefined ? [] : own) };
}

function exposeDenoiser(
  plan: Plan,
  graph: Graph,
  { predict, guidanceEmbedding }: WeightsValue & Required<Pick<WeightsValue, "predict">>,
  batch: number,
  { node, sampleShape }: ExportSource,
): void {
  const { schedule, condition } = surroundings(plan);
  const x: StateValue = {
    x: graph.input("x", "float32", [batch, ...sampleShape]),
    t: {
      node: graph.input("t", "int64", [batch]),
      schedule: atTimesteps(schedule),
      label: { id: "export.t", text: "the exported time", min: 0, max: schedule.nodes, notAfter: [] },
    },
  };
  const labels = condition === undefined ? null : labelInputs(condition.labels, graph, batch);
  const given = guidanceEmbedding === true ? withScale(labels, graph, batch) : labels;
  const { predX0, eps } = graph.scope(node, () => predict(x, given));
  exposeAs("predX0", predX0);
  exposeAs("eps", eps);
}

/** One int64 [B] input per label the network was trained with; null when there is none. */
function labelInputs(labels: ConditionValue["labels"], graph: Graph, batch: number): ConditionValue | null {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  const each = (make: (name: string, count: number) => Tensor) =>
    Object.fromEntries(entries.map(([name, count]) => [name, make(name, count)]));
  return {
    labels,
    tensors: each((name) => graph.input(name, "int64", [batch])),
    nullTensors: each((_, count) => graph.constant(new Array<number>(batch).fill(count), [batch], "int64")),
  };
}

const withScale = (labels: ConditionValue | null, graph: Graph, batch: number): ConditionValue => ({
  ...(labels ?? { labels: {}, tensors: {}, nullTensors: {} }),
  guidanceScale: graph.input("w", "float32", [batch]),
});

/** Weights under the names their network gives them, without the document node; in full where two would be called the same. */
function storedNames(graph: Graph, isWeight: (name: string) => boolean, plan: Plan): Map<string, string> {
  const used = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const names = [...graph.initializers.keys()].filter((name) => used.has(name) && isWeight(name));
  const short = (name: string) => {
    const [node = "", ...path] = name.split("/");
    return plan.graph.nodes.has(node) && path.length > 0 ? path.join("/") : name;
  };
  const isUnique = (name: string) =>
    !graph.values.has(short(name)) && names.filter((other) => short(other) === short(name)).length === 1;
  return new Map(names.map((name) => [name, isUnique(name) ? short(name) : name]));
}
