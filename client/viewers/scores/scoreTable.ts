/** One table out of what all scorer nodes of a run reported: a row for each sampler, NFE and guidance. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { SCORES, type ScoreRow, type ScoreValue, scoreReportSchema } from "@distillery/shared/protocol/scores";
import type { DataPoint } from "../../run/runLog";

export interface Score extends ScoreRow {
  readonly key: string;
  /** Samples with weights that this run trains. */
  readonly isStudent: boolean;
}
export interface ScoreTable {
  readonly rows: readonly Score[];
  /** Names of the metrics, in the order they first appear. */
  readonly metrics: readonly string[];
}

const SUFFIX = `.${SCORES}`;

const reportsOf = (data: ReadonlyMap<string, readonly DataPoint[]>) =>
  [...data].filter(([key]) => key.endsWith(SUFFIX)).map(([, points]) => points);

/** Training steps at which something was scored, ascending. */
export const scoredSteps = (data: ReadonlyMap<string, readonly DataPoint[]>): number[] =>
  [...new Set(reportsOf(data).flatMap((points) => points.map(({ step }) => step)))].sort((a, b) => a - b);

/** The newest scores not later than `step`. A row that was not scored again keeps what it had. */
export function scoreTable(
  data: ReadonlyMap<string, readonly DataPoint[]>,
  graph: GraphDocument | null,
  step = Number.POSITIVE_INFINITY,
): ScoreTable {
  const rows = new Map<string, Score>();
  const metrics = new Set<string>();
  for (const points of reportsOf(data))
    for (const point of points) {
      if (point.step > step) continue;
      const parsed = scoreReportSchema.safeParse(point.value);
      if (!parsed.success) continue;
      for (const row of parsed.data.rows) {
        const key = `${row.sampler}|${row.nfe}|${row.guidanceScale}`;
        const known = rows.get(key);
        for (const name of Object.keys(row.values)) metrics.add(name);
        const values = { ...known?.values, ...row.values };
        rows.set(key, { ...row, values, key, isStudent: known?.isStudent ?? isTrained(row.sampler, graph) });
      }
    }
  const ordered = [...rows.values()].sort(
    (a, b) => Number(a.isStudent) - Number(b.isStudent) || b.nfe - a.nfe || guidanceOf(a) - guidanceOf(b),
  );
  return { rows: ordered, metrics: [...metrics] };
}

/** For ordering: paths without guidance come first. */
const guidanceOf = ({ guidanceScale }: ScoreRow): number => guidanceScale ?? Number.NEGATIVE_INFINITY;

/** Whether the weights a sampler is wired to, through views and averages, are those of a trainer. */
function isTrained(sampler: string, graph: GraphDocument | null): boolean {
  if (!graph) return !/teacher/i.test(sampler);
  const types = new Map(graph.nodes.map(({ id, type }) => [id, type]));
  const seen = new Set<string>();
  let waiting = [sampler];
  while (waiting.length > 0) {
    const next = graph.edges.filter(({ to }) => waiting.includes(to.node) && to.socket === "weights");
    waiting = next.map(({ from }) => from.node).filter((id) => !seen.has(id));
    for (const id of waiting) seen.add(id);
  }
  return graph.edges.some(
    ({ from, to }) => seen.has(from.node) && to.socket === "weights" && types.get(to.node)?.startsWith("train/"),
  );
}

/** Keys of the rows with the best mean of a metric; none when there is nothing to choose between. */
export function bestOf(rows: readonly Score[], metric: string, better: "higher" | "lower"): ReadonlySet<string> {
  const sign = better === "higher" ? 1 : -1;
  const scored = rows.flatMap(({ key, values }) => {
    const mean = values[metric]?.mean;
    return mean === undefined || !Number.isFinite(mean) ? [] : [{ key, mean: sign * mean }];
  });
  const best = Math.max(...scored.map(({ mean }) => mean));
  const winners = scored.filter(({ mean }) => mean === best).map(({ key }) => key);
  return new Set(winners.length < scored.length ? winners : []);
}

/** Half the width of the interval: what stands behind ±. */
export const marginOf = ({ low, high }: ScoreValue): number => (high - low) / 2;

/** The table as CSV (RFC 4180), one line a row, numbers in full. */
export function scoresCsv({ rows, metrics }: ScoreTable): string {
  const head = ["sampler", "title", "role", "nfe", "guidance_scale", "milliseconds_per_image"];
  const lines = rows.map((row): (string | number)[] => [
    row.sampler,
    row.title,
    row.isStudent ? "student" : "teacher",
    row.nfe,
    row.guidanceScale ?? "",
    row.millisecondsPerImage,
    ...metrics.flatMap((name): (string | number)[] => {
      const value = row.values[name];
      return value ? [value.mean, value.low, value.high, value.n] : ["", "", "", ""];
    }),
  ]);
  const columns = metrics.flatMap((name) => ["mean", "low", "high", "n"].map((part) => `${name}_${part}`));
  return [[...head, ...columns], ...lines].map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
