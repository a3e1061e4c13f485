/** What a run says of itself besides its numbers: its size, its stages, what its nodes are doing. */
import type { Plan, PlannedStage, TrainStage } from "../compile/stages";
import type { WeightsValue } from "../graph/wires";
import { sizeOf } from "../onnx/graph";
import type { RunEnvironment } from "./job";

/** How big the ONNX graphs are. */
export function compiledStages(plan: Plan): { name: string; nodes: number; parameters: number }[] {
  const stages = [...(plan.train ? [plan.train] : []), ...plan.samplers.map(({ step }) => step)];
  return stages.map(({ builder }) => ({
    name: builder.options.name,
    nodes: builder.graph.nodes.length,
    parameters: [...builder.variables.values()]
      .filter(({ spec }) => spec.role === "parameter")
      .reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0),
  }));
}

/** How much each trainer trains. */
export function tellParameters({ trainers, values, builder }: TrainStage, env: RunEnvironment): void {
  for (const { inputs } of trainers) {
    const from = inputs.get("weights")?.[0]?.from;
    const weights = from && (values.get(from.node)?.[from.socket] as WeightsValue | undefined);
    if (weights === undefined) continue;
    const trained = [...builder.context(weights.owner, weights.title).parametersOf(weights.owner).values()];
    const count = trained.reduce((sum, { size }) => sum + size, 0).toLocaleString("en-US");
    const message = `"${weights.title}" trains ${count} parameters in ${trained.length} tensors.`;
    env.sink.event({ type: "log", level: "info", message, node: weights.owner });
  }
}

/** That a checkpoint is as far as the run goes. */
export function tellNothingLeft(step: number, env: RunEnvironment): void {
  const at = step.toLocaleString("en-US");
  const message = `The checkpoint is at step ${at}: nothing is left to train. Asked for more steps, the run goes on from there.`;
  env.sink.event({ type: "log", level: "warning", message });
}

/** Which stage of training the run is at (null: it is through all of them); nothing where the whole run is one. */
export function tellStage(
  stages: readonly PlannedStage[],
  current: PlannedStage | null,
  step: number,
  env: RunEnvironment,
): void {
  for (const { node, index } of stages) {
    if (node === null) return;
    if (index === current?.index) env.sink.event({ type: "node", node, state: "running" });
    else if (current === null || index < current.index) env.sink.event({ type: "node", node, state: "done" });
  }
  if (current === null) return;
  const { node, title, index, begin, end } = current;
  if (node === null) return;
  env.sink.event({ type: "stage", step, node, title, index, count: stages.length, begin, end });
}

/** Stages say themselves what they are doing. */
export function tellNodes({ nodes }: TrainStage, env: RunEnvironment, state: "running" | "done"): void {
  for (const { id, definition } of nodes)
    if (definition.stage === undefined) env.sink.event({ type: "node", node: id, state });
}
