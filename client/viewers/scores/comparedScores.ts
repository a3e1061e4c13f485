/** The scores of two runs beside each other: a row for each sampler that both know by title, NFE and guidance. */
import type { ScoreValue } from "@distillery/shared/protocol/scores";
import { formatNumber } from "../format";
import type { Metric } from "./metrics";
import type { Score, ScoreTable } from "./scoreTable";

export interface ComparedScore {
  readonly key: string;
  readonly title: string;
  readonly metric: Metric;
  /** Absent where a run has not measured it. */
  readonly values: readonly [ScoreValue | undefined, ScoreValue | undefined];
  /** The one that is better by more than both intervals leave open: 0, 1, or null for neither. */
  readonly winner: 0 | 1 | null;
}

/** By metric, then in the order of the tables' rows. Samplers are matched by what people see: ids differ between graphs. */
export function comparedScores(tables: readonly [ScoreTable, ScoreTable]): ComparedScore[] {
  const rows = new Map<string, [Score | undefined, Score | undefined]>();
  tables.forEach((table, side) => {
    for (const row of table.rows) {
      const title = titleOf(row);
      const pair = rows.get(title) ?? [undefined, undefined];
      pair[side] = row;
      rows.set(title, pair);
    }
  });
  const metrics = new Map(tables.flatMap((table) => table.metrics.map((metric) => [metric.id, metric] as const)));
  return [...metrics.values()].flatMap((metric) =>
    [...rows].flatMap(([title, [a, b]]): ComparedScore[] => {
      const values = [a?.values[metric.id], b?.values[metric.id]] as const;
      if (values.every((value) => value === undefined)) return [];
      return [{ key: `${metric.id}|${title}`, title, metric, values, winner: winnerOf(values, metric) }];
    }),
  );
}

const titleOf = ({ title, nfe, guidanceScale }: Score): string =>
  `${title}, NFE ${nfe}${guidanceScale === null ? "" : `, guidance ${formatNumber(guidanceScale)}`}`;

function winnerOf([a, b]: ComparedScore["values"], { better }: Metric): ComparedScore["winner"] {
  if (a === undefined || b === undefined) return null;
  if (a.low > b.high) return better === "higher" ? 0 : 1;
  if (b.low > a.high) return better === "higher" ? 1 : 0;
  return null;
}
