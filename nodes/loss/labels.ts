/** Labels of a batch as losses and measures of encoders use them: index `count` is the unknown one and counts for nothing. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { argMax, cast, div, equal, less, max, mul, reduceSum, reshape } from "@distillery/shared/onnx/ops";
import { z } from "zod";

export interface BatchLabel {
  /** int64 [B] */
  readonly index: Tensor;
  readonly count: number;
}

export const labelParam = z.enum(["class", "content"]).default("class").meta({
  title: "Label",
  description: "Which label says that two images belong together: class (style) or content (kind of thing shown).",
});

/** One label of a condition; a finding when it does not say it, or for another number of values than `expected`. */
export function labelOf(
  { tensors, labels }: ConditionValue,
  name: string,
  context: StageContext,
  { expected, socket = "condition" }: { expected?: number; socket?: string } = {},
): BatchLabel {
  const [index, count] = [tensors[name], labels[name]];
  if (index === undefined || count === undefined) {
    context.fail(
      `the condition does not say the ${name} of an image; wire it from the Start the images come from.`,
      socket,
    );
  }
  if (expected !== undefined && expected !== count) {
    context.fail(
      `the encoder tells ${expected} values of "${name}", the condition has ${count}; wire the same data set to both.`,
      socket,
    );
  }
  return { index, count };
}

/** float32 [B, count]: 1 in the column of each row's label, a row of zeros where it is unknown. */
export function oneHot({ index, count }: BatchLabel): Tensor {
  const values = index.graph.constant(
    Array.from({ length: count }, (_, i) => i),
    [1, count],
    "int64",
  );
  return cast(equal(reshape(index, [-1, 1]), values), "float32");
}

/** float32 [B]: 1 where the label is known. */
export const isKnown = ({ index, count }: BatchLabel): Tensor => cast(less(index, count), "float32");

/** float32 [B]: 1 where the highest of `scores` [B, count] is that of the label, which is known. */
export const isHit = (scores: Tensor, { index }: BatchLabel): Tensor =>
  cast(equal(argMax(scores, { axis: 1, keepdims: false }), index), "float32");

/** sum(values * weights) / sum(weights), 0 where nothing counts. Scalar. */
export function weightedMean(values: Tensor, weights: Tensor): Tensor {
  const total = (x: Tensor) => reduceSum(x, { keepdims: false });
  return div(total(mul(values, weights)), max(total(weights), 1));
}
