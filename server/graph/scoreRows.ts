import type { ScoreReport, ScoreRow } from "@distillery/shared/protocol/scores";

/** Rows of several scorers joined: one for each sampler, NFE and guidance scale, in the order they first appear. */
export function joinReports(reports: readonly ScoreReport[]): ScoreRow[] {
  const rows = new Map<string, ScoreRow>();
  for (const row of reports.flatMap((report) => report.rows)) {
    const key = `${row.sampler}|${row.nfe}|${row.guidanceScale}`;
    rows.set(key, { ...row, values: { ...rows.get(key)?.values, ...row.values } });
  }
  return [...rows.values()];
}
