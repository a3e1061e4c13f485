/** One line of the bench table. */
export interface BenchRow {
  /** Letter of the question it answers, and what was measured. */
  readonly id: string;
  readonly title: string;
  readonly value: number;
  readonly unit: "x" | "s" | "ms" | "%" | "MB";
  /** What we aim at, and whether more or less is better; absent for rows that only inform. */
  readonly target?: { readonly is: "at least" | "under"; readonly value: number };
  /** How it was measured, with the absolute numbers behind a ratio. */
  readonly detail: string;
}

export const meets = ({ value, target }: BenchRow): boolean | null =>
  target === undefined ? null : target.is === "at least" ? value >= target.value : value < target.value;

const formatted = (value: number, unit: BenchRow["unit"]): string =>
  `${value.toFixed(unit === "x" || unit === "s" ? 2 : 1)} ${unit}`;

/** Markdown, as the README shows it. */
export function markdownTable(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => {
    const target = row.target === undefined ? "" : `${row.target.is} ${row.target.value} ${row.unit}`;
    const verdict = { true: "met", false: "missed", null: "" }[String(meets(row)) as "true" | "false" | "null"];
    return `| ${row.id} | ${row.title} | ${formatted(row.value, row.unit)} | ${target} | ${verdict} | ${row.detail} |`;
  });
  return ["| | measured | value | target | | how |", "| --- | --- | --- | --- | --- | --- |", ...lines].join("\n");
}
