/** The scores of a run as a table for people: a line per path, a column per metric. */
import type { ScoreRow, ScoreValue } from "@distillery/shared/protocol/scores";
import { alignedLines } from "./alignedLines";

/** Columns as wide as they need to be; numbers to the right, each with half the width of its 95 % interval. */
export function scoreLines(rows: readonly ScoreRow[]): string[] {
  const metrics = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const table = [
    ["", "NFE", "scale", "ms/image", ...metrics],
    ...rows.map((row) => [
      row.title,
      String(row.nfe),
      row.guidanceScale === null ? "-" : String(row.guidanceScale),
      row.millisecondsPerImage.toPrecision(3),
      ...metrics.map((metric) => valueText(row.values[metric])),
    ]),
  ];
  return alignedLines(table);
}

function valueText(value: ScoreValue | undefined): string {
  if (value === undefined) return "-";
  const digits = Math.abs(value.mean) >= 10 ? 2 : 3;
  return `${value.mean.toFixed(digits)} ± ${((value.high - value.low) / 2).toFixed(digits)}`;
}
