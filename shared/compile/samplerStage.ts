/** A sampler's two graphs: its start, evaluated once, and one step along the path. */
import type { Issue } from "../graph/document";
import type { ConditionValue, ImageValue, Resources, ScheduleValue, StateValue, TimeValue } from "../graph/wires";
import { Emission } from "./emit";
import { ancestors, buildOptions, onlySockets, type ResolvedGraph, type ResolvedNode } from "./resolve";
import { StageBuilder, type StageOptions } from "./stageBuilder";
import type { SamplerStage } from "./stages";

/** Input of the step graph that takes the path's guidance scale, where paths have one. */
export const GUIDANCE_SCALE = "guidanceScale";
/** Inputs of the step graph that say how far along its path a step is. */
export const PATH_INDEX = "path.index";
export const PATH_STEPS = "path.steps";

export function buildSampler(
  graph: ResolvedGraph,
  node: ResolvedNode,
  resources: Resources,
  issues: Issue[],
): SamplerStage | undefined {
  const { sampler } = node.definition;
  if (sampler === undefined) return undefined;
  const batch = sampler.batch(node.params);
  const options = { batch, ...buildOptions(graph), resources };
  const sourcesAt = (sockets: readonly string[]) =>
    sockets.flatMap((socket) => (node.inputs.get(socket) ?? []).map((edge) => edge.from.node));

  const startBuilder = new StageBuilder({ ...options, name: `${node.id}.start`, kind: "start" });
  const starting = new Emission(graph, startBuilder, issues);
  const startNodes = ancestors(graph, sourcesAt(sampler.start), { delayed: false });
  for (const each of graph.order) if (startNodes.has(each.id)) starting.emit(each);
  const startInputs = starting.inputsOf(onlySockets(node, sampler.start), { delayed: false }) as
    | { x: StateValue; condition?: ConditionValue; known?: ImageValue; mask?: ImageValue }
    | undefined;
  if (startInputs === undefined) return undefined;
  const { x: startState, condition: startCondition, ...others } = startInputs;
  const images = Object.entries(others).filter((entry): entry is [string, ImageValue] => entry[1] !== undefined);
  const startContext = startBuilder.context(node.id, node.title);
  const plan = starting.attempt(node, () => sampler.plan(node.params, startState, startContext));
  if (plan === undefined) return undefined;

  const stepBuilder = new StageBuilder({ ...options, name: `${node.id}.step`, kind: "sample" });
  const stepping = new Emission(graph, stepBuilder, issues);
  const apart = [...sampler.start, ...(sampler.pictures?.sockets ?? [])];
  const stepSockets = Object.keys(node.definition.inputs).filter((socket) => !apart.includes(socket));
  const stepNodes = ancestors(graph, sourcesAt(stepSockets), { delayed: false });
  for (const each of graph.order) if (stepNodes.has(each.id)) stepping.emit(each);
  const inputs = stepping.inputsOf(onlySockets(node, stepSockets), { delayed: false });
  if (inputs === undefined) return undefined;
  const { schedule } = plan;
  const { graph: onnx } = stepBuilder;
  const sampleShape = startState.x.shape.slice(1);
  const from = loopTime(node, "t", onnx.input("t", "int64", [batch]), schedule);
  const to = loopTime(node, "s", onnx.input("s", "int64", [batch]), schedule, from);
  const state: StateValue = { x: onnx.input("x", "float32", [batch, ...sampleShape]), t: from };
  const condition = startCondition && mirrorCondition(startCondition, stepBuilder);
  const mirrored = Object.fromEntries(
    images.map(([socket, { x }]) => [socket, { x: onnx.input(socket, x.dtype, x.shape) } as never]),
  );
  const carry = Object.fromEntries(
    Object.entries(plan.carry).map(([name, shape]) => [
      name,
      onnx.input(`carry.${name}`, "float32", [batch, ...shape]),
    ]),
  );
  const isGuided = plan.paths.some(({ guidanceScale }) => guidanceScale !== undefined);
  const guidanceScale = isGuided ? onnx.input(GUIDANCE_SCALE, "float32", []) : undefined;
  const context = stepBuilder.context(node.id, node.title);
  const stepped = stepping.attempt(node, () =>
    onnx.scope(node.id, () =>
      sampler.step({ ...inputs, ...mirrored, x: state as never, condition: condition as never }, node.params, context, {
        s: to,
        carry,
        index: onnx.input(PATH_INDEX, "float32", []),
        steps: onnx.input(PATH_STEPS, "float32", []),
        guidanceScale,
      }),
    ),
  );
  const decoder = buildDecoder(graph, node, startState.x.shape, options, issues);
  issues.push(...startBuilder.warnings, ...stepBuilder.warnings);
  if (stepped === undefined || decoder === undefined) return undefined;
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
      given: {
        ...exposeCondition(startCondition, startBuilder),
        ...Object.fromEntries(images.map(([socket, { x }]) => [socket, startBuilder.expose(x).name])),
      },
    },
    decoder,
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

/** Null where states are pictures themselves; undefined where they cannot be made, which is an issue then. */
function buildDecoder(
  graph: ResolvedGraph,
  node: ResolvedNode,
  shape: readonly number[],
  options: Omit<StageOptions, "name" | "kind">,
  issues: Issue[],
): SamplerStage["decoder"] | undefined {
  const { pictures } = node.definition.sampler ?? {};
  const sources = (pictures?.sockets ?? [])
    .flatMap((socket) => node.inputs.get(socket) ?? [])
    .map(({ from }) => from.node);
  if (pictures === undefined || sources.length === 0) return null;
  const builder = new StageBuilder({ ...options, name: `${node.id}.decoder`, kind: "sample" });
  const emission = new Emission(graph, builder, issues);
  const needed = ancestors(graph, sources, { delayed: false });
  for (const each of graph.order) if (needed.has(each.id)) emission.emit(each);
  const inputs = emission.inputsOf(onlySockets(node, pictures.sockets), { delayed: false });
  if (inputs === undefined) return undefined;
  return emission.attempt(node, () => {
    const x = builder.graph.input("x", "float32", shape);
    const made = builder.expose(pictures.of(inputs, builder.context(node.id, node.title), x));
    return { builder, values: emission.values, nodes: emission.emitted, pictures: made.name, shape: made.shape };
  });
}

function loopTime(
  node: ResolvedNode,
  name: "t" | "s",
  tensor: TimeValue["node"],
  schedule: ScheduleValue,
  after?: TimeValue,
): TimeValue {
  return {
    node: tensor,
    schedule,
    label: {
      id: `${node.id}.${name}`,
      text: `the loop time ${name} of "${node.title}"`,
      min: 0,
      max: schedule.nodes,
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
    labels: condition.labels,
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
