/** What runs measured in the end: a row a run (or group), a column a metric, the best marked. */
import { say } from "../language";
import { titleOf, variantTitle } from "../viewers/curves/chartGroups";
import { metricOf } from "../viewers/scores/metrics";
import type { RunGroup } from "./comparedRuns";

export interface MetricColumn {
  readonly id: string;
  readonly title: string;
  /** Null where neither way is better by itself. */
  readonly better: "lower" | "higher" | null;
}
export interface MetricValue {
  readonly mean: number;
  /** Standard deviation over seeds; null for one run. */
  readonly spread: number | null;
  readonly count: number;
}
export interface MetricRow {
  readonly group: RunGroup;
  readonly values: Readonly<Record<string, MetricValue>>;
}

const KNOWN: Readonly<Record<string, string>> = say.compare.results.known;
/** What a run starts from is no achievement; gradients, rates and ages are neither good nor bad. */
const NEUTRAL = /Before$|First$|gradNorm|learningRate|meanAge|filled/;

export function metricColumns(groups: readonly RunGroup[]): MetricColumn[] {
  const found = groups.flatMap(({ runs }) => runs.flatMap(({ detail }) => Object.keys(detail.metrics)));
  const names = new Set([...Object.keys(KNOWN), ...found]);
  return [...names]
    .filter((name) => name !== "trajectoryError" && found.includes(name))
    .map((name) => {
      const [family = name, variant] = name.split("@");
      const title = KNOWN[name] ?? titleOf(family);
      return {
        id: name,
        title: variant ? say.compare.results.variant(title, variantTitle(variant)) : title,
        better: NEUTRAL.test(name) ? null : metricOf(family, undefined).better,
      };
    });
}

export const metricRows = (groups: readonly RunGroup[], columns: readonly MetricColumn[]): MetricRow[] =>
  groups.map((group) => ({
    group,
    values: Object.fromEntries(
      columns.flatMap(({ id }) => {
        const values = group.runs.flatMap(({ detail }) => detail.metrics[id] ?? []);
        return values.length === 0 ? [] : [[id, summaryOf(values)]];
      }),
    ),
  }));

function summaryOf(values: readonly number[]): MetricValue {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    spread: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null,
    count: values.length,
  };
}
