/** One table out of what all scorer nodes of a run reported: a row for each sampler, NFE and guidance. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Better, NodeLibrary } from "@distillery/shared/graph/node";
import { SCORES, type ScoreRow, type ScoreValue, scoreReportSchema } from "@distillery/shared/protocol/scores";
import { csv } from "@distillery/shared/text/csv";
import type { DataPoint } from "../../run/runLog";
import { formatNumber } from "../format";
import { type Metric, metricOf } from "./metrics";

export interface Score extends ScoreRow {
  readonly key: string;
  /** Samples with weights that this run trains. */
  readonly isStudent: boolean;
}
export interface ScoreTable {
  /** Their values are keyed by the metrics' ids. */
  readonly rows: readonly Score[];
  /** In the order they first appear. */
  readonly metrics: readonly Metric[];
}
/** Everything a run reported, by `node.name`. */
type RunData = ReadonlyMap<string, readonly DataPoint[]>;

const SUFFIX = `.${SCORES}`;

const reportsOf = (data: RunData) =>
  [...data].flatMap(([key, points]) => (key.endsWith(SUFFIX) ? [{ node: key.slice(0, -SUFFIX.length), points }] : []));

/** Training steps at which something was scored, ascending. */
export const scoredSteps = (data: RunData): number[] =>
  [...new Set(reportsOf(data).flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);

/** The newest scores not later than `step`. A row that was not scored again keeps what it had. */
export function scoreTable(
  data: RunData,
  graph: GraphDocument | null,
  library: Pick<NodeLibrary, "get">,
  step = Number.POSITIVE_INFINITY,
): ScoreTable {
  const reports = reportsOf(data).flatMap(({ node, points }) =>
    points.flatMap((point) => {
      const parsed = point.step <= step ? scoreReportSchema.safeParse(point.value) : undefined;
      return parsed?.success ? [{ node, rows: parsed.data.rows }] : [];
    }),
  );
  const metrics = metricsOf(reports, graph, library);
  const rows = new Map<string, Score>();
  for (const { node, rows: reported } of reports)
    for (const row of reported) {
      const key = `${row.sampler}|${row.nfe}|${row.guidanceScale}`;
      const known = rows.get(key);
      const values = Object.entries(row.values).map(([name, value]) => [metrics.get(`${node}.${name}`)?.id, value]);
      rows.set(key, {
        ...row,
        key,
        values: { ...known?.values, ...Object.fromEntries(values) },
        isStudent: known?.isStudent ?? isTrained(row.sampler, graph),
      });
    }
  const ordered = [...rows.values()].sort(
    (a, b) => Number(a.isStudent) - Number(b.isStudent) || b.nfe - a.nfe || guidanceOf(a) - guidanceOf(b),
  );
  return { rows: ordered, metrics: [...metrics.values()] };
}

/** By `node.name`. Where several nodes measure the same, each has a column with its node's name. */
function metricsOf(
  reports: readonly { node: string; rows: readonly ScoreRow[] }[],
  graph: GraphDocument | null,
  library: Pick<NodeLibrary, "get">,
): ReadonlyMap<string, Metric> {
  const measured = new Map<string, { node: string; name: string }>();
  for (const { node, rows } of reports)
    for (const { values } of rows)
      for (const name of Object.keys(values)) measured.set(`${node}.${name}`, { node, name });
  const all = [...measured];
  const nodes = new Map(graph?.nodes.map((node) => [node.id, node]));
  return new Map(
    all.map(([key, { node, name }]) => {
      const isShared = all.some(([, other]) => other.name === name && other.node !== node);
      const { title, better } = metricOf(name, library.get(nodes.get(node)?.type ?? ""));
      const which = nodes.get(node)?.title ?? node;
      return [key, isShared ? { id: key, title: `${title} (${which})`, better } : { id: name, title, better }];
    }),
  );
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
export function bestOf(
  rows: readonly { readonly key: string; readonly values: Readonly<Record<string, { readonly mean: number }>> }[],
  metric: string,
  better: Better,
): ReadonlySet<string> {
  const sign = better === "higher" ? 1 : -1;
  const scored = rows.flatMap(({ key, values }) => {
    const mean = values[metric]?.mean;
    return mean === undefined || !Number.isFinite(mean) ? [] : [{ key, mean: sign * mean }];
  });
  const best = Math.max(...scored.map(({ mean }) => mean));
  const winners = scored.filter(({ mean }) => mean === best).map(({ key }) => key);
  return new Set(winners.length < scored.length ? winners : []);
}

/** Mean and half the interval, both to the second digit of the latter: what lies below it means nothing. */
export function shownScore({ mean, low, high }: ScoreValue): { mean: string; margin: string } {
  const margin = (high - low) / 2;
  if (!(margin > 0 && Number.isFinite(margin))) return { mean: formatNumber(mean), margin: formatNumber(margin) };
  const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(margin))));
  return { mean: mean.toFixed(decimals).replace("-", "−"), margin: margin.toFixed(decimals) };
}

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
    ...metrics.flatMap(({ id }): (string | number)[] => {
      const value = row.values[id];
      return value ? [value.mean, value.low, value.high, value.n] : ["", "", "", ""];
    }),
  ]);
  const columns = metrics.flatMap(({ id }) => ["mean", "low", "high", "n"].map((part) => `${id}_${part}`));
  return csv([[...head, ...columns], ...lines]);
}
