import type { StageContext } from "@distillery/shared/graph/node";
import type { ParameterView, WeightsValue } from "@distillery/shared/graph/wires";

/** The same network reading its parameters another way: copies, averages, aliases and adapters differ in nothing else. */
export function seenThrough(
  weights: WeightsValue,
  parameters: ParameterView,
  changes: Pick<WeightsValue, "title" | "trainable"> & Partial<Pick<WeightsValue, "owner">>,
): WeightsValue {
  const { predict, features, extract } = weights;
  return {
    ...weights,
    ...changes,
    parameters,
    ...(predict && { predict: (x, condition, view = parameters) => predict(x, condition, view) }),
    ...(features && {
      features: (x, condition, hooks, view = parameters) => features(x, condition, hooks, view),
    }),
    ...(extract && { extract: (images, view = parameters) => extract(images, view) }),
  };
}

/** Trainable parameters of this node under `prefix`, started with the values of the network's own. */
export const copiedParameters =
  (weights: WeightsValue, context: StageContext, prefix = ""): ParameterView =>
  (path, { shape, init }) => {
    // A file's weights come with their values. Those of a network of this graph are copied, so it has to be there.
    if (init.kind !== "data") weights.parameters(path, { shape, init });
    const start = init.kind === "data" ? init : ({ kind: "copy", owner: weights.owner, path } as const);
    return context.variable(`${prefix}${path}`, { shape, init: start, role: "parameter" });
  };
