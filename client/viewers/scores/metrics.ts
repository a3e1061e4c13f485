/** What the scores of pictures are called, and which way is better: the scorer nodes say so. */
import type { Better, NodeDefinition } from "@distillery/shared/graph/node";
import { wordsOf } from "../format";

export interface Metric {
  /** Its name; with its node's where two nodes measure the same. */
  readonly id: string;
  readonly title: string;
  readonly better: Better;
}

/** For reports of nodes that are not known here any more. */
const SMALLER_IS_BETTER = /distance|error|loss|mse/i;

export function metricOf(name: string, definition: NodeDefinition | undefined): Omit<Metric, "id"> {
  const known = definition?.scorer?.metrics[name];
  return known ?? { title: wordsOf(name), better: SMALLER_IS_BETTER.test(name) ? "lower" : "higher" };
}

/** The axes of the paper's plot: how much it is in the style, over how much of the content is left. */
export function defaultAxes(metrics: readonly Metric[]): { x: string; y: string } {
  const ids = metrics.map(({ id }) => id);
  const style = ids.find((id) => /style/i.test(id));
  const others = ids.filter((id) => id !== style);
  const quality = others.find((id) => /content/i.test(id)) ?? others.find((id) => /ssim|psnr/i.test(id));
  const x = quality ?? others[0] ?? style ?? "";
  return { x, y: style ?? others.find((id) => id !== x) ?? x };
}
