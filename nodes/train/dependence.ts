import type { Tensor } from "@distillery/shared/onnx/graph";
import { isStopGradient } from "@distillery/shared/onnx/ops/stopGradient";

/** Names of all values that `value` depends on with a gradient: stop-gradient marks end the walk. */
export function differentiableAncestors(value: Tensor): Set<string> {
  const makers = new Map(value.graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const found = new Set<string>();
  const waiting = [value.name];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === "" || found.has(name)) continue;
    found.add(name);
    const maker = makers.get(name);
    if (maker !== undefined && !isStopGradient(maker)) waiting.push(...maker.inputs);
  }
  return found;
}
