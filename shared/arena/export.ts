/** An arena's numbers as text that other programs read. */
import type { Estimate } from "../graph/node";
import type { Arena } from "../protocol/arena";
import { csv } from "../text/csv";
import { type ArenaValue, arenaCosts, arenaRows, metricTitle } from "./table";

const HEAD = [
  "method",
  "seed",
  "updates",
  "training_seconds",
  "seconds_per_update",
  "parameters",
  "nfe",
  "guidance_scale",
  "milliseconds_per_image",
  "metric",
  "mean",
  "low",
  "high",
  "n",
];

/** Every seed's own numbers, one a line, with the 95 % interval over its pictures. */
export function arenaCsv({ entries, spec }: Arena): string {
  const titles = new Map(spec.methods.map(({ id, title }) => [id, title]));
  const lines = entries.flatMap(({ method, seed, result }) => {
    const training = result?.training;
    const place = [
      method === null ? "Teacher" : (titles.get(method) ?? method),
      method === null ? "" : seed,
      training?.updates ?? "",
      training?.seconds ?? "",
      training?.secondsPerUpdate ?? "",
      training?.parameters ?? "",
    ];
    return (result?.scores ?? []).flatMap(({ nfe, guidanceScale, millisecondsPerImage, values }) =>
      Object.entries(values).map(([metric, { mean, low, high, n }]) => [
        ...place,
        nfe,
        guidanceScale ?? "",
        millisecondsPerImage,
        metric,
        mean,
        low,
        high,
        n,
      ]),
    );
  });
  return csv([HEAD, ...lines]);
}

/** Everything, for programs: what was asked for, and every result with the runs that made it. */
export const arenaJson = (arena: Arena): string => `${JSON.stringify(arena, null, 2)}\n`;

/** Two tables of cells, headings first: the scores, and what training cost. */
export function arenaTables(arena: Arena): { scores: string[][]; cost: string[][] } {
  const { metrics, spec } = arena;
  const rows = arenaRows(arena);
  const shown = metrics.filter(({ id }) => rows.some(({ values }) => values[id] !== undefined));
  const scores = [
    [
      "",
      "NFE",
      "guidance",
      ...shown.map((metric) => `${metricTitle(metric)} ${metric.better === "higher" ? "↑" : "↓"}`),
    ],
    ...rows.map(({ title, nfe, guidanceScale, values }) => [
      title,
      String(nfe),
      guidanceScale === null ? "-" : String(guidanceScale),
      ...shown.map(({ id }) => valueText(values[id])),
    ]),
  ];
  const cost = [
    ["", "seeds", "updates", "ms / update", "training, s", "parameters"],
    ...arenaCosts(arena).map(({ title, seeds, failed, updates, secondsPerUpdate, seconds, parameters }) => [
      title,
      `${seeds}${failed > 0 ? ` (${failed} failed)` : ""}`,
      Number.isFinite(updates) ? updates.toFixed(0) : "-",
      plusMinus(scaled(secondsPerUpdate, 1000), 1),
      plusMinus(seconds, 1),
      parameters.toLocaleString("en"),
    ]),
  ];
  return { scores, cost: spec.methods.length > 0 ? cost : [] };
}

/** What the ± of a table is. */
export function intervalNote({ spec: { seeds, evaluation } }: Arena): string {
  const pictures = `${evaluation.batch} pictures`;
  if (seeds < 2) return `± is half of the 95 % interval over ${pictures}; one seed says nothing about others.`;
  return `± is half of Student's 95 % interval over ${seeds} seeds; in brackets half of that over ${pictures} within a seed. The teacher has no seeds.`;
}

function valueText(value: ArenaValue | undefined): string {
  if (value === undefined) return "-";
  const { mean, seeds, images } = value;
  const digits = Math.abs(mean) >= 10 ? 2 : 3;
  if (seeds === null) return plusMinus(images, digits);
  return `${plusMinus(seeds, digits)} (${half(images).toFixed(digits)})`;
}

const half = ({ low, high }: Estimate): number => (high - low) / 2;
const scaled = ({ mean, low, high, n }: Estimate, by: number): Estimate => ({
  mean: mean * by,
  low: low * by,
  high: high * by,
  n,
});

function plusMinus(interval: Estimate, digits: number): string {
  if (!Number.isFinite(interval.mean)) return "-";
  const margin = half(interval);
  return `${interval.mean.toFixed(digits)}${margin > 0 ? ` ± ${margin.toFixed(digits)}` : ""}`;
}
