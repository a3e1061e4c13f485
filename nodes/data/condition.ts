import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, DatasetValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { labelsOf } from "../student/network";

/** One int64 [B] per label of the data set; its number of values is the null one. Data without labels condition on nothing. */
export function conditionOf(dataset: DatasetValue, context: StageContext): ConditionValue {
  const { graph, batch } = context;
  const labels = labelsOf(dataset);
  const each = (make: (name: string, count: number) => Tensor) =>
    Object.fromEntries(Object.entries(labels).map(([name, count]) => [name, make(name, count)]));
  return {
    labels,
    tensors: each((name) => context.input(name, "int64", [batch])),
    nullTensors: each((_, count) => graph.constant(Array<number>(batch).fill(count), [batch], "int64")),
  };
}
