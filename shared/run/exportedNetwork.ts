/** What the graph around a network tells about it: schedule, labels, data, and how it is sampled. */
import type { Plan } from "../compile/stages";
import type { ExportedNetwork } from "../graph/node";
import type { ConditionValue, ScheduleValue, StateValue, WeightsValue, WireType, WireValues } from "../graph/wires";
import { RunError } from "./nonFinite";

/** The schedule and condition the network was trained with. */
export function surroundings(plan: Plan): { schedule: ScheduleValue; condition: ConditionValue | undefined } {
  const [schedule] = outputsOf(plan, "schedule");
  if (schedule === undefined) throw new RunError("There is no schedule in the training stage to export with.");
  return { schedule, condition: outputsOf(plan, "condition")[0] };
}

/** The network's own shape of a sample, or that of the data where it takes any. */
export const sampleShapeOf = ({ sampleShape }: WeightsValue, plan: Plan): readonly number[] =>
  sampleShape ?? outputsOf(plan, "dataset")[0]?.sampleShape ?? outputsOf(plan, "state")[0]?.x.shape.slice(1) ?? [];

export function describeNetwork(
  plan: Plan,
  { node, socket, sampleShape }: { node: string; socket: string; sampleShape: readonly number[] },
  { title }: WeightsValue,
): ExportedNetwork {
  const { schedule, condition } = surroundings(plan);
  const usesIt = (sampler: Plan["samplers"][number]) =>
    (sampler.node.inputs.get("weights") ?? []).some(({ from }) => from.node === node && from.socket === socket);
  return {
    title,
    sampleShape,
    schedule,
    labels: condition?.labels ?? {},
    dataset: outputsOf(plan, "dataset")[0] ?? null,
    startNode: Math.max(...outputsOf(plan, "state").map(({ t }: StateValue) => t.label.max)),
    training: (plan.train?.nodes ?? []).map(({ definition, params }) => ({ type: definition.type, params })),
    samplers: plan.samplers.filter(usesIt).map(({ plan: { paths }, node: { params } }) => ({ paths, params })),
  };
}

/** Values of one type that nodes of the training stage put out, in order. */
function outputsOf<W extends WireType>(plan: Plan, wanted: W): WireValues[W][] {
  return (plan.train?.nodes ?? []).flatMap(({ definition, id }) =>
    Object.entries(definition.outputs).flatMap(([socket, { type }]) => {
      const value = plan.train?.values.get(id)?.[socket];
      return type === wanted && value !== undefined ? [value as WireValues[W]] : [];
    }),
  );
}
