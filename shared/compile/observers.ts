/** Nodes that look at finished paths: viewers, trajectory errors. */
import type { Issue } from "../graph/document";
import type { Resources } from "../graph/wires";
import { Emission } from "./emit";
import { ancestors, buildOptions, isEmitting, onlySockets, type ResolvedGraph } from "./resolve";
import { StageBuilder } from "./stageBuilder";
import { type Observer, type SamplerStage, trajectoryOf } from "./stages";

export function buildObservers(
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
  const scratch = new StageBuilder({ name: "observe", kind: "start", batch: 1, ...buildOptions(graph), resources });
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
