/** The scores of a run as a table for people: a line per path, a column per metric. */
import type { ScoreReport, ScoreRow, ScoreValue } from "@distillery/shared/protocol/scores";

/** Rows of several scorers joined: one for each sampler, NFE and guidance scale, in the order they first appear. */
export function joinReports(reports: readonly ScoreReport[]): ScoreRow[] {
  const rows = new Map<string, ScoreRow>();
  for (const row of reports.flatMap((report) => report.rows)) {
    const key = `${row.sampler}|${row.nfe}|${row.guidanceScale}`;
    rows.set(key, { ...row, values: { ...rows.get(key)?.values, ...row.values } });
  }
  return [...rows.values()];
}

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
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  return table.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function valueText(value: ScoreValue | undefined): string {
  if (value === undefined) return "-";
  const digits = Math.abs(value.mean) >= 10 ? 2 : 3;
  return `${value.mean.toFixed(digits)} ± ${((value.high - value.low) / 2).toFixed(digits)}`;
}
