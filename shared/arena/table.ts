/** An arena's results as a table: a row for each method, NFE and guidance scale; means over seeds with their intervals. */
import type { Estimate } from "../graph/node";
import type { Arena, ArenaEntry, ArenaMetric } from "../protocol/arena";
import type { ScoreValue } from "../protocol/scores";
import { meanInterval } from "../run/estimate";

/** A metric's mean over the seeds, and how sure it is in two ways. */
export interface ArenaValue {
  readonly mean: number;
  /** Student's interval of the seeds' means; null with one seed. */
  readonly seeds: Estimate | null;
  /** Of the pictures within one seed: the seeds' own 95 % intervals, averaged, around the mean. */
  readonly images: Estimate;
}

export interface ArenaRow {
  readonly key: string;
  /** Null for the teacher. */
  readonly method: string | null;
  readonly title: string;
  readonly nfe: number;
  readonly guidanceScale: number | null;
  readonly millisecondsPerImage: number;
  readonly values: Readonly<Record<string, ArenaValue>>;
}

/** What training cost, averaged over seeds. */
export interface ArenaCost {
  readonly method: string;
  readonly title: string;
  readonly seeds: number;
  readonly failed: number;
  readonly updates: number;
  readonly secondsPerUpdate: Estimate;
  readonly seconds: Estimate;
  readonly parameters: number;
}

/** The teacher's row first, then the methods in the order of the arena, NFE falling, guidance rising. */
export function arenaRows(arena: Pick<Arena, "entries" | "spec">): ArenaRow[] {
  const methods: { id: string | null; title: string }[] = [{ id: null, title: "Teacher" }, ...arena.spec.methods];
  return methods.flatMap(({ id, title }) => {
    const scores = arena.entries.filter(({ method }) => method === id).flatMap(({ result }) => result?.scores ?? []);
    const groups = new Map<string, typeof scores>();
    for (const row of scores) {
      const key = `${id ?? "teacher"}|${row.nfe}|${row.guidanceScale}`;
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const rows = [...groups].map(([key, rows]): ArenaRow => {
      const { nfe = 0, guidanceScale = null } = rows[0] ?? {};
      const metrics = new Set(rows.flatMap(({ values }) => Object.keys(values)));
      const values = [...metrics].map((metric) => [metric, valueOver(rows.flatMap((row) => row.values[metric] ?? []))]);
      const time = meanInterval(rows.map(({ millisecondsPerImage }) => millisecondsPerImage)).mean;
      return {
        key,
        method: id,
        title,
        nfe,
        guidanceScale,
        millisecondsPerImage: time,
        values: Object.fromEntries(values),
      };
    });
    const scale = ({ guidanceScale }: ArenaRow) => guidanceScale ?? Number.NEGATIVE_INFINITY;
    return rows.sort((a, b) => b.nfe - a.nfe || scale(a) - scale(b));
  });
}

function valueOver(seeds: readonly ScoreValue[]): ArenaValue {
  const over = meanInterval(seeds.map(({ mean }) => mean));
  const { mean } = over;
  const [below, above] = [
    meanInterval(seeds.map((seed) => seed.mean - seed.low)).mean,
    meanInterval(seeds.map((seed) => seed.high - seed.mean)).mean,
  ];
  const n = Math.min(...seeds.map((seed) => seed.n));
  return { mean, seeds: seeds.length < 2 ? null : over, images: { mean, low: mean - below, high: mean + above, n } };
}

/** The interval to show: over seeds where there are several. */
export const intervalOf = ({ seeds, images }: ArenaValue): Estimate => seeds ?? images;

export function arenaCosts({ entries, spec }: Pick<Arena, "entries" | "spec">): ArenaCost[] {
  return spec.methods.flatMap(({ id, title }) => {
    const own = entries.filter(({ method }) => method === id);
    const trained = own.flatMap(({ result }) => result?.training ?? []);
    const failed = own.filter(({ status }: ArenaEntry) => status === "failed").length;
    if (trained.length === 0 && failed === 0) return [];
    return [
      {
        method: id,
        title,
        seeds: trained.length,
        failed,
        updates: meanInterval(trained.map(({ updates }) => updates)).mean,
        secondsPerUpdate: meanInterval(trained.map(({ secondsPerUpdate }) => secondsPerUpdate)),
        seconds: meanInterval(trained.map(({ seconds }) => seconds)),
        parameters: trained[0]?.parameters ?? 0,
      },
    ];
  });
}

/** Quality that needs no download, the first that was measured. FD counts first: unlike SSIM and PSNR it does not favour blur. */
const QUALITY = ["aesthetic", "fd", "ssim", "psnr", "contentAccuracy"];

/** The axes of the paper's plot: style similarity, and quality. */
export function arenaAxes(metrics: readonly ArenaMetric[]): {
  style: ArenaMetric | undefined;
  quality: ArenaMetric | undefined;
} {
  const find = (wanted: string) => metrics.find(({ id }) => id === wanted);
  const style = find("styleSimilarity") ?? metrics[0];
  const quality = QUALITY.flatMap((id) => find(id) ?? [])[0] ?? metrics.find((metric) => metric !== style) ?? style;
  return { style, quality };
}

/** As axes and headings name it: whose eyes it looks through belongs to it. */
export const metricTitle = ({ title, judge }: ArenaMetric): string => (judge === null ? title : `${title} (${judge})`);
