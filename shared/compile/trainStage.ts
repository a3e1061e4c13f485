/** The training stage: trainers and everything they need, fused into one graph per step. */
import type { Issue } from "../graph/document";
import type { Turn } from "../graph/node";
import type {
  FeaturesValue,
  ImageValue,
  LossValue,
  Resources,
  ScalarValue,
  ScheduleValue,
  StateValue,
  TimeValue,
  WeightsValue,
  WireType,
  WireValues,
} from "../graph/wires";
import type { Tensor } from "../onnx/graph";
import { Emission } from "./emit";
import {
  ancestors,
  buildOptions,
  isEmitting,
  type ResolvedGraph,
  type ResolvedNode,
  sourcesOf,
  steadyOrder,
} from "./resolve";
import { StageBuilder } from "./stageBuilder";
import type { TapPoint, TrainStage } from "./stages";
import { requireFrozen, requireOneStudent } from "./students";

export function buildTrain(graph: ResolvedGraph, resources: Resources, issues: Issue[]): TrainStage | null {
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
  const turns = turnsOf(trainers, issues);
  const builder = new StageBuilder({
    name: "train",
    kind: "train",
    batch: settings.batch,
    ...buildOptions(graph),
    resources,
  });
  const emission = new Emission(graph, builder, issues);
  const wanted = first === undefined ? new Set(graph.nodes.keys()) : trainingNodes(graph, trainers);
  const sampled = new Set(graph.order.filter((node) => node.definition.sampler !== undefined).map((node) => node.id));
  for (const node of steadyOrder(graph))
    if (wanted.has(node.id) && isEmitting(node) && !sampled.has(node.id)) emission.emit(node);
  emission.absorb();
  requireFrozen(trainers, emission, issues);
  requireOneStudent(trainers, emission, issues);
  if (first === undefined) {
    issues.push(...builder.warnings);
    return null;
  }
  const wired = new Set(graph.document.edges.map(({ from }) => `${from.node}.${from.socket}`));
  const wiredTaps = tapPoints(emission, (point, type) => wired.has(point) && isPicture(type));
  builder.prune();
  // What no wire carries, and what are no pictures, can be looked at, too, where they are computed anyway.
  const isThere = ({ name }: Tensor) => builder.graph.values.has(name);
  const taps = new Map([
    ...wiredTaps,
    ...tapPoints(emission, (point, _, tensors) => !wiredTaps.has(point) && tensors.every(isThere)),
  ]);
  issues.push(...builder.warnings);
  const networks = trainersOfNetworks(trainers, emission);
  const stageOf = ({ definition, params }: ResolvedNode) => definition.trainer?.stage(params);
  return {
    builder,
    values: emission.values,
    nodes: emission.emitted,
    batch: settings.batch,
    steps: Math.max(...trainers.map((node) => stageOf(node)?.steps ?? 0)),
    turns,
    checkpointEvery: (networks[0] && stageOf(networks[0])?.checkpointEvery) ?? 0,
    trainers: networks,
    taps,
  };
}

/** Runs of the stage in a step. Parity needs both sides: a student's trainer and a discriminator's (methods 9.5, rule 11). */
function turnsOf(trainers: readonly ResolvedNode[], issues: Issue[]): readonly Turn[] {
  const turnOf = ({ definition, params }: ResolvedNode): Turn => definition.trainer?.stage(params).turn ?? "every";
  const taken = new Set(trainers.map(turnOf));
  if (taken.size <= 1 && !taken.has("even") && !taken.has("odd")) return ["every"];
  const other = (turn: Turn): Turn => (turn === "even" ? "odd" : "even");
  for (const trainer of trainers) {
    const turn = turnOf(trainer);
    if (turn === "every") {
      issues.push({
        severity: "error",
        code: "turn-mismatch",
        message: `"${trainer.title}" updates in every turn while another trainer takes turns; give both a turn, or none.`,
        node: trainer.id,
      });
    } else if (!taken.has(other(turn))) {
      issues.push({
        severity: "error",
        code: "parity-needs-discriminator",
        message:
          `"${trainer.title}" takes the ${turn} turns, but no trainer takes the ${other(turn)} ones: a student and a ` +
          "discriminator alternate. Add the other trainer, or update in every step.",
        node: trainer.id,
      });
    }
  }
  return ["even", "odd"];
}

/** What the run is about: a discriminator's heads, which are no network, are trained beside it. */
function trainersOfNetworks(trainers: readonly ResolvedNode[], emission: Emission): readonly ResolvedNode[] {
  const found = trainers.filter(({ inputs }) => {
    const edge = inputs.get("weights")?.[0];
    const weights = edge && (emission.valueOf(edge) as WeightsValue | undefined);
    return weights?.predict !== undefined || weights?.extract !== undefined;
  });
  return found.length > 0 ? found : trainers;
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
    // What gives metrics only is wired to curves, which emit nothing themselves.
    const isSink = Object.values(definition.outputs).every(({ type }) => type === "metric");
    const isAverage =
      definition.absorb !== undefined && sourcesOf(node, { delayed: false }).some((id) => wanted.has(id));
    const seesTrajectory = Object.values(definition.inputs).some((socket) => socket.type === "trajectory");
    if ((isSink && !seesTrajectory) || isAverage) {
      for (const id of ancestors(graph, [node.id], { delayed: true })) wanted.add(id);
    }
  }
  return wanted;
}

const isPicture = (type: WireType): boolean => type === "state" || type === "image";

/** What can be fetched while the stage runs: the values of `node.socket` that `isOpen`. */
function tapPoints(
  emission: Emission,
  isOpen: (point: string, type: WireType, tensors: readonly Tensor[]) => boolean,
): Map<string, TapPoint> {
  const taps = new Map<string, TapPoint>();
  for (const node of emission.emitted) {
    for (const [socket, { type }] of Object.entries(node.definition.outputs)) {
      const value = emission.values.get(node.id)?.[socket];
      const tapped = value && tappedOf(type, value);
      if (tapped === undefined) continue;
      const { x, time, schedule } = tapped;
      if (!isOpen(`${node.id}.${socket}`, type, time === null ? [x] : [x, time])) continue;
      taps.set(`${node.id}.${socket}`, {
        output: emission.stage.expose(x).name,
        time: time && emission.stage.expose(time).name,
        schedule,
        shape: x.shape,
      });
    }
  }
  return taps;
}

interface Tapped {
  readonly x: Tensor;
  readonly time: Tensor | null;
  readonly schedule: ScheduleValue | null;
}

/** The tensor that stands for a wire (`TAPPED_WIRES`); trajectories are tapped where they are sampled. */
function tappedOf(type: WireType, value: WireValues[WireType]): Tapped | undefined {
  const plain = (x: Tensor): Tapped => ({ x, time: null, schedule: null });
  switch (type) {
    case "state": {
      const { x, t } = value as StateValue;
      return { x, time: t.node, schedule: t.schedule };
    }
    case "image":
      return plain((value as ImageValue).x);
    case "time": {
      const { node, schedule } = value as TimeValue;
      return { x: node, time: null, schedule };
    }
    case "features":
      return plain((value as FeaturesValue).embedding);
    case "loss":
    case "scalar":
      return plain((value as LossValue | ScalarValue).value);
    default:
      return undefined;
  }
}
