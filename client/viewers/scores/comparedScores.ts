/** The scores of several runs beside each other: a row for each sampler that both know by title, NFE and guidance. */
import type { ScoreValue } from "@distillery/shared/protocol/scores";
import { say } from "../../language";
import { formatNumber } from "../format";
import type { Metric } from "./metrics";
import type { Score, ScoreTable } from "./scoreTable";

const words = say.viewers.scores;

export interface ComparedScore {
  readonly key: string;
  readonly title: string;
  readonly metric: Metric;
  /** Absent where a run has not measured it. */
  readonly values: readonly (ScoreValue | undefined)[];
  /** The place of the one that is better than every other by more than both intervals leave open; null for none. */
  readonly winner: number | null;
}

/** By metric, then in the order of the tables' rows. Samplers are matched by what people see: ids differ between graphs. */
export function comparedScores(tables: readonly ScoreTable[]): ComparedScore[] {
  const rows = new Map<string, (Score | undefined)[]>();
  tables.forEach((table, side) => {
    for (const row of table.rows) {
      const title = titleOf(row);
      const found = rows.get(title) ?? tables.map(() => undefined);
      found[side] = row;
      rows.set(title, found);
    }
  });
  const metrics = new Map(tables.flatMap((table) => table.metrics.map((metric) => [metric.id, metric] as const)));
  return [...metrics.values()].flatMap((metric) =>
    [...rows].flatMap(([title, found]): ComparedScore[] => {
      const values = found.map((row) => row?.values[metric.id]);
      if (values.every((value) => value === undefined)) return [];
      return [{ key: `${metric.id}|${title}`, title, metric, values, winner: winnerOf(values, metric) }];
    }),
  );
}

/** Samplers are often called by their NFE, "Student, NFE 4": once is enough. */
function titleOf({ title, nfe, guidanceScale }: Score): string {
  const name = title.replace(new RegExp(`,? NFE ${nfe}$`), "");
  return guidanceScale === null ? words.row(name, nfe) : words.guidedRow(name, nfe, formatNumber(guidanceScale));
}

function winnerOf(values: ComparedScore["values"], { better }: Metric): number | null {
  const scored = values.flatMap((value, place) => (value ? [{ value, place }] : []));
  if (scored.length < 2) return null;
  const isClearlyBetter = (a: ScoreValue, b: ScoreValue) => (better === "higher" ? a.low > b.high : b.low > a.high);
  const winner = scored.find((one) =>
    scored.every((other) => other === one || isClearlyBetter(one.value, other.value)),
  );
  return winner?.place ?? null;
}
