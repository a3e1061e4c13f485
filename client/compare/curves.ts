/** Curves of several runs on common axes: each run's own, smoothed, and the mean of runs that differ by chance alone. */
import { say } from "../language";
import { type Series, smooth } from "../run/series";
import type { ChartLine } from "../viewers/chart/chartLine";
import { type ChartGroup, chartGroups } from "../viewers/curves/chartGroups";
import type { ComparedRun, RunGroup } from "./comparedRuns";

const words = say.compare.curves;

export interface ComparedChart {
  readonly id: string;
  readonly title: string;
  readonly logarithmic: boolean;
  readonly isSparse: boolean;
  /** Its curves by name: several samplers, several trainers. */
  readonly members: readonly string[];
  readonly lines: readonly ChartLine[];
}
export interface Look {
  colorOf(group: RunGroup): string;
  faint(color: string): string;
}
type Curve = Pick<Series, "steps" | "values">;

export interface Band {
  readonly x: number[];
  readonly mean: number[];
  readonly low: number[];
  readonly high: number[];
}

/**
 * Mean and standard deviation of curves that were not recorded at the same steps: each is read between its points,
 * never beyond its ends, where fewer curves make up the mean.
 */
export function meanBand(curves: readonly Curve[]): Band {
  const known = curves.filter(({ steps }) => steps.length > 0);
  const x = [...new Set(known.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  const readers = known.map(readerOf);
  const band: Band = { x: [], mean: [], low: [], high: [] };
  for (const step of x) {
    const values = readers.map((read) => read(step)).filter((value) => value !== null);
    if (values.length === 0) continue;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const spread = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
    band.x.push(step);
    band.mean.push(mean);
    band.low.push(mean - spread);
    band.high.push(mean + spread);
  }
  return band;
}

/** Reads a curve at ascending steps, linearly between its finite points; null outside. */
function readerOf({ steps, values }: Curve): (step: number) => number | null {
  let at = 0;
  return (step) => {
    while (at + 1 < steps.length && (steps[at + 1] ?? 0) <= step) at++;
    const [x0, x1, y0, y1] = [steps[at], steps[at + 1], values[at], values[at + 1]];
    if (x0 === undefined || y0 === undefined || step < x0) return null;
    if (step === x0) return Number.isFinite(y0) ? y0 : null;
    if (x1 === undefined || y1 === undefined) return null;
    const value = y0 + ((y1 - y0) * (step - x0)) / (x1 - x0);
    return Number.isFinite(value) ? value : null;
  };
}

const smoothed = ({ steps, values }: Curve, amount: number): Curve => ({ steps, values: smooth(values, amount) });

/** One chart for each thing measured; `chosen` says which of a chart's curves is drawn (the first, unless told). */
export function comparedCharts(
  groups: readonly RunGroup[],
  chosen: ReadonlyMap<string, string>,
  smoothing: number,
  look: Look,
): ComparedChart[] {
  const charts = new Map<string, { group: ChartGroup; members: Set<string> }>();
  const byRun = new Map<ComparedRun, ChartGroup[]>();
  for (const run of groups.flatMap(({ runs }) => runs)) {
    const own = chartGroups(run.log, run.detail.graph);
    byRun.set(run, own);
    for (const group of own) {
      const chart = charts.get(group.id) ?? { group, members: new Set() };
      for (const { label } of group.members) chart.members.add(label);
      charts.set(group.id, chart);
    }
  }
  return [...charts].map(([id, { group, members }]) => {
    const names = [...members];
    const wanted = chosen.get(id) ?? names[0] ?? "";
    const amount = group.isSparse || group.isSmooth ? 0 : smoothing;
    const seriesOf = (run: ComparedRun): Curve[] => {
      const own = byRun.get(run)?.find((each) => each.id === id)?.members ?? [];
      // A single curve is meant whatever its node is called in that graph.
      const series = (own.find(({ label }) => label === wanted) ?? (own.length === 1 ? own[0] : undefined))?.series;
      return series ? [series] : [];
    };
    return {
      id,
      title: group.title,
      logarithmic: group.logarithmic,
      isSparse: group.isSparse,
      members: names,
      lines: groups.flatMap((each) => linesOf(each, seriesOf, amount, look)),
    };
  });
}

function linesOf(group: RunGroup, seriesOf: (run: ComparedRun) => Curve[], amount: number, look: Look): ChartLine[] {
  const color = look.colorOf(group);
  const dashed = group.place >= 6;
  const raw = group.runs.flatMap((run) =>
    seriesOf(run).map((curve) => ({ curve, name: `${run.letter} ${run.title}` })),
  );
  if (raw.length === 0) return [];
  const faint = raw.map(({ curve, name }) => ({
    label: words.raw(name),
    color: look.faint(color),
    width: 1,
    x: curve.steps,
    y: curve.values,
  }));
  if (raw.length === 1)
    return raw.flatMap(({ curve, name }) => {
      const line = { label: name, color, dashed, x: curve.steps, y: smoothed(curve, amount).values };
      return amount > 0 && curve.values.length > 3 ? [...faint, line] : [line];
    });
  const { x, mean, low, high } = meanBand(raw.map(({ curve }) => smoothed(curve, amount)));
  return [...faint, { label: words.mean(group.title, raw.length), color, dashed, x, y: mean, band: { low, high } }];
}
