import type { ParameterView, WeightsValue } from "@distillery/shared/graph/wires";

/** The same network reading its parameters another way: copies, averages, aliases and adapters differ in nothing else. */
export function seenThrough(
  weights: WeightsValue,
  parameters: ParameterView,
  changes: Pick<WeightsValue, "title" | "trainable"> & Partial<Pick<WeightsValue, "owner">>,
): WeightsValue {
  const { predict, extract } = weights;
  return {
    ...weights,
    ...changes,
    parameters,
    ...(predict && { predict: (x, condition, view = parameters) => predict(x, condition, view) }),
    ...(extract && { extract: (images, view = parameters) => extract(images, view) }),
  };
}
