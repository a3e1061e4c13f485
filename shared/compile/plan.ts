/** Resolved graph -> plan: the stages a run consists of, each one ONNX graph with its host's part. */
import type { Issue } from "../graph/document";
import type { SamplerPlan } from "../graph/node";
import type {
  ConditionValue,
  ImageValue,
  Resources,
  ScheduleValue,
  StateValue,
  TimeValue,
  TrajectoryValue,
} from "../graph/wires";
import { Emission, type Values } from "./emit";
import { type ResolvedGraph, type ResolvedNode, sourcesOf } from "./resolve";
import { StageBuilder } from "./stage";

export interface Stage {
  readonly builder: StageBuilder;
  /** Wire values of the nodes in this stage, by node. */
  readonly values: ReadonlyMap<string, Values>;
  readonly nodes: readonly ResolvedNode[];
}

/** A wire whose value can be fetched while the stage runs. */
export interface TapPoint {
  readonly output: string;
  /** Output that holds the solver node per sample, for states. */
  readonly time: string | null;
  readonly schedule: ScheduleValue | null;
  readonly shape: readonly number[];
}

export interface TrainStage extends Stage {
  readonly steps: number;
  readonly batch: number;
  readonly checkpointEvery: number;
  readonly trainers: readonly ResolvedNode[];
  /** `node.socket` -> where to fetch it. */
  readonly taps: ReadonlyMap<string, TapPoint>;
}

export interface SamplerStage {
  readonly node: ResolvedNode;
  /** Evaluated once: the state every path starts from, and its condition. */
  readonly start: Stage & {
    readonly x: string;
    readonly t: string;
    readonly condition: Readonly<Record<string, string>>;
  };
  /** Stepped along `plan.nodes`; inputs x, t, s, condition.* and carry.*, outputs as named. */
  readonly step: Stage & { readonly x: string; readonly carry: Readonly<Record<string, string>> };
  readonly plan: SamplerPlan;
  readonly batch: number;
  readonly schedule: ScheduleValue;
  readonly sampleShape: readonly number[];
}

/** A node that looks at trajectories. */
export interface Observer {
  readonly node: ResolvedNode;
  /** Trajectory input socket -> sampler nodes, in link order. */
  readonly trajectories: Readonly<Record<string, readonly string[]>>;
  /** Its other inputs. */
  readonly values: Values;
}

export interface Plan {
  readonly graph: ResolvedGraph;
  readonly train: TrainStage | null;
  readonly samplers: readonly SamplerStage[];
  readonly observers: readonly Observer[];
}

/** Builds every stage. Findings are collected; the plan is only usable when none is an error. */
export function buildPlan(graph: ResolvedGraph, resources: Resources): { plan: Plan; issues: Issue[] } {
  const issues: Issue[] = [];
  const train = buildTrain(graph, resources, issues);
  const samplers: SamplerStage[] = [];
  for (const node of graph.order) {
    if (node.definition.sampler === undefined) continue;
    const sampler = buildSampler(graph, node, resources, issues);
    if (sampler !== undefined) samplers.push(sampler);
  }
  const observers = buildObservers(graph, samplers, resources, issues);
  return { plan: { graph, train, samplers, observers }, issues: distinct(issues) };
}

/** `start` and everything it hangs on, through links that are not delayed (or all of them). */
export function ancestors(graph: ResolvedGraph, start: Iterable<string>, options: { delayed: boolean }): Set<string> {
  const found = new Set<string>();
  const waiting = [...start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = graph.nodes.get(id);
    if (found.has(id) || node === undefined) continue;
    found.add(id);
    waiting.push(...sourcesOf(node, { delayed: false }));
    if (options.delayed) waiting.push(...sourcesOf(node, { delayed: true }));
  }
  return found;
}

const isEmitting = (node: ResolvedNode): boolean => node.definition.emit !== undefined;

function buildTrain(graph: ResolvedGraph, resources: Resources, issues: Issue[]): TrainStage | null {
  const trainers = graph.order.filter((node) => node.definition.trainer !== undefined);
  const first = trainers[0];
  // Without a trainer the nodes are still built, so that their findings show; nothing of it runs.
  const settings = first?.definition.trainer?.stage(first.params) ?? { batch: 1, steps: 0, checkpointEvery: 0 };
  for (const other of trainers.slice(1)) {
    const batch = other.definition.trainer?.stage(other.params).batch;
    if (batch !== settings.batch) {
      issues.push({
        severity: "error",
        code: "batch-mismatch",
        message: `"${other.title}" trains on batches of ${batch}, "${first?.title}" on ${settings.batch}; trainers share one step, so give them the same batch.`,
        node: other.id,
      });
    }
  }
  const builder = new StageBuilder({
    name: "train",
    kind: "train",
    batch: settings.batch,
    seed: graph.document.seed,
    resources,
  });
  const emission = new Emission(graph, builder, issues);
  const wanted = first === undefined ? new Set(graph.nodes.keys()) : trainingNodes(graph, trainers);
  const sampled = new Set(graph.order.filter((node) => node.definition.sampler !== undefined).map((node) => node.id));
  for (const node of graph.order)
    if (wanted.has(node.id) && isEmitting(node) && !sampled.has(node.id)) emission.emit(node);
  emission.absorb();
  if (first === undefined) {
    issues.push(...builder.warnings);
    return null;
  }
  const taps = tapPoints(emission);
  issues.push(...builder.warnings);
  return {
    builder,
    values: emission.values,
    nodes: emission.emitted,
    ...settings,
    steps: Math.max(...trainers.map((node) => node.definition.trainer?.stage(node.params).steps ?? 0)),
    trainers,
    taps,
  };
}

/** Trainers and what they need; delay elements with what they read; averages of trained weights; sinks of tensors. */
function trainingNodes(graph: ResolvedGraph, trainers: readonly ResolvedNode[]): Set<string> {
  const wanted = ancestors(
    graph,
    trainers.map((node) => node.id),
    { delayed: true },
  );
  for (const node of graph.order) {
    const { definition } = node;
    if (!isEmitting(node)) continue;
    const isSink = Object.keys(definition.outputs).length === 0;
    const isAverage =
      definition.absorb !== undefined && sourcesOf(node, { delayed: false }).some((id) => wanted.has(id));
    const seesTrajectory = Object.values(definition.inputs).some((socket) => socket.type === "trajectory");
    if ((isSink && !seesTrajectory) || isAverage) {
      for (const id of ancestors(graph, [node.id], { delayed: true })) wanted.add(id);
    }
  }
  return wanted;
}

function tapPoints(emission: Emission): Map<string, TapPoint> {
  const taps = new Map<string, TapPoint>();
  for (const node of emission.emitted) {
    for (const [socket, { type }] of Object.entries(node.definition.outputs)) {
      const value = emission.values.get(node.id)?.[socket];
      if (value === undefined || (type !== "state" && type !== "image")) continue;
      const { x } = value as ImageValue | StateValue;
      const t = type === "state" ? (value as StateValue).t : null;
      taps.set(`${node.id}.${socket}`, {
        output: emission.stage.expose(x).name,
        time: t === null ? null : emission.stage.expose(t.node).name,
        schedule: t?.schedule ?? null,
        shape: x.shape,
      });
    }
  }
  return taps;
}

function buildSampler(
  graph: ResolvedGraph,
  node: ResolvedNode,
  resources: Resources,
  issues: Issue[],
): SamplerStage | undefined {
  const { sampler } = node.definition;
  if (sampler === undefined) return undefined;
  const batch = sampler.batch(node.params);
  const options = { batch, seed: graph.document.seed, resources };
  const sourcesAt = (sockets: readonly string[]) =>
    sockets.flatMap((socket) => (node.inputs.get(socket) ?? []).map((edge) => edge.from.node));

  const startBuilder = new StageBuilder({ ...options, name: `${node.id}.start`, kind: "start" });
  const starting = new Emission(graph, startBuilder, issues);
  const startNodes = ancestors(graph, sourcesAt(sampler.start), { delayed: false });
  for (const each of graph.order) if (startNodes.has(each.id)) starting.emit(each);
  const startInputs = starting.inputsOf(onlySockets(node, sampler.start), { delayed: false }) as
    | { x: StateValue; condition?: ConditionValue }
    | undefined;
  if (startInputs === undefined) return undefined;
  const { x: startState, condition: startCondition } = startInputs;
  const plan = starting.attempt(node, () => sampler.plan(node.params, startState));
  if (plan === undefined) return undefined;

  const stepBuilder = new StageBuilder({ ...options, name: `${node.id}.step`, kind: "sample" });
  const stepping = new Emission(graph, stepBuilder, issues);
  const others = Object.keys(node.definition.inputs).filter((socket) => !sampler.start.includes(socket));
  const stepNodes = ancestors(graph, sourcesAt(others), { delayed: false });
  for (const each of graph.order) if (stepNodes.has(each.id)) stepping.emit(each);
  const inputs = stepping.inputsOf(onlySockets(node, others), { delayed: false });
  if (inputs === undefined) return undefined;
  const { schedule } = startState.t;
  const { graph: onnx } = stepBuilder;
  const sampleShape = startState.x.shape.slice(1);
  const from = loopTime(node, "t", onnx.input("t", "int64", [batch]), startState.t);
  const to = loopTime(node, "s", onnx.input("s", "int64", [batch]), startState.t, from);
  const state: StateValue = { x: onnx.input("x", "float32", [batch, ...sampleShape]), t: from };
  const condition = startCondition && mirrorCondition(startCondition, stepBuilder);
  const carry = Object.fromEntries(
    Object.entries(plan.carry).map(([name, shape]) => [
      name,
      onnx.input(`carry.${name}`, "float32", [batch, ...shape]),
    ]),
  );
  const context = stepBuilder.context(node.id, node.title);
  const stepped = stepping.attempt(node, () =>
    onnx.scope(node.id, () =>
      sampler.step({ ...inputs, x: state as never, condition: condition as never }, node.params, context, {
        s: to,
        carry,
      }),
    ),
  );
  issues.push(...startBuilder.warnings, ...stepBuilder.warnings);
  if (stepped === undefined) return undefined;
  return {
    node,
    batch,
    plan,
    schedule,
    sampleShape,
    start: {
      builder: startBuilder,
      values: starting.values,
      nodes: starting.emitted,
      x: startBuilder.expose(startState.x).name,
      t: startBuilder.expose(startState.t.node).name,
      condition: exposeCondition(startCondition, startBuilder),
    },
    step: {
      builder: stepBuilder,
      values: stepping.values,
      nodes: stepping.emitted,
      x: stepBuilder.expose(stepped.x.x).name,
      carry: Object.fromEntries(
        Object.entries(stepped.carry).map(([name, value]) => [name, stepBuilder.expose(value).name]),
      ),
    },
  };
}

const onlySockets = (node: ResolvedNode, sockets: readonly string[]): ResolvedNode => ({
  ...node,
  definition: {
    ...node.definition,
    inputs: Object.fromEntries(Object.entries(node.definition.inputs).filter(([name]) => sockets.includes(name))),
  },
});

function loopTime(
  node: ResolvedNode,
  name: "t" | "s",
  tensor: TimeValue["node"],
  start: TimeValue,
  after?: TimeValue,
): TimeValue {
  return {
    node: tensor,
    schedule: start.schedule,
    label: {
      id: `${node.id}.${name}`,
      text: `the loop time ${name} of "${node.title}"`,
      min: 0,
      max: start.label.max,
      notAfter: after === undefined ? [] : [after.label],
    },
  };
}

/** Condition tensors as inputs of the step graph; the null counterparts travel as inputs, too. */
function mirrorCondition(condition: ConditionValue, builder: StageBuilder): ConditionValue {
  const mirror = (prefix: string, tensors: ConditionValue["tensors"]) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [
        name,
        builder.graph.input(`${prefix}.${name}`, tensor.dtype, tensor.shape),
      ]),
    );
  return {
    classes: condition.classes,
    tensors: mirror("condition", condition.tensors),
    nullTensors: mirror("null", condition.nullTensors),
  };
}

/** Step-graph input name -> output of the start graph that feeds it. */
function exposeCondition(condition: ConditionValue | undefined, builder: StageBuilder): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, tensor] of Object.entries(condition?.tensors ?? {}))
    outputs[`condition.${name}`] = builder.expose(tensor).name;
  for (const [name, tensor] of Object.entries(condition?.nullTensors ?? {}))
    outputs[`null.${name}`] = builder.expose(tensor).name;
  return outputs;
}

function buildObservers(
  graph: ResolvedGraph,
  samplers: readonly SamplerStage[],
  resources: Resources,
  issues: Issue[],
): Observer[] {
  const observing = graph.order.filter(
    (node) =>
      node.definition.host !== undefined &&
      node.definition.sampler === undefined &&
      Object.values(node.definition.inputs).some((socket) => socket.type === "trajectory"),
  );
  // Their other inputs (data sets, schedules) are emitted into a graph that never runs.
  const scratch = new StageBuilder({ name: "observe", kind: "start", batch: 1, seed: graph.document.seed, resources });
  const emission = new Emission(graph, scratch, issues);
  for (const sampler of samplers) emission.values.set(sampler.node.id, { trajectory: trajectoryOf(sampler) });
  return observing.map((node) => {
    const trajectories: Record<string, string[]> = {};
    const others: string[] = [];
    for (const [socket, { type }] of Object.entries(node.definition.inputs)) {
      const sources = (node.inputs.get(socket) ?? []).map((edge) => edge.from.node);
      if (type === "trajectory")
        trajectories[socket] = sources.filter((id) => samplers.some((sampler) => sampler.node.id === id));
      else others.push(...sources);
    }
    const needed = ancestors(graph, others, { delayed: false });
    for (const each of graph.order) if (needed.has(each.id)) emission.emit(each);
    // What it can say against the paths, it says before they are run.
    if (isEmitting(node) && Object.values(trajectories).flat().length > 0) emission.emit(node);
    const rest = Object.keys(node.definition.inputs).filter(
      (socket) => node.definition.inputs[socket]?.type !== "trajectory",
    );
    const values = emission.inputsOf(onlySockets(node, rest), { delayed: false }) ?? {};
    return { node, trajectories, values };
  });
}

export const trajectoryOf = (sampler: SamplerStage): TrajectoryValue => ({
  sampler: sampler.node.id,
  sampleShape: sampler.sampleShape,
  nodes: sampler.plan.nodes,
  batch: sampler.batch,
});

function distinct(issues: readonly Issue[]): Issue[] {
  const seen = new Map(issues.map((issue) => [`${issue.code}|${issue.node}|${issue.message}`, issue]));
  return [...seen.values()];
}
