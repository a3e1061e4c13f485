/** A comparison as tables for other programs. */
import { csv } from "@distillery/shared/text/csv";
import { secondsOf } from "../run/historyStore";
import type { ComparedRun, DifferingSetting } from "./comparedRuns";

/** One line a run: what differed, and what came out. */
export function runsCsv(runs: readonly ComparedRun[], differing: readonly DifferingSetting[], now: number): string {
  const settings = differing.filter(({ key }) => !key.startsWith("run:"));
  const metrics = [...new Set(runs.flatMap(({ detail }) => Object.keys(detail.metrics)))];
  const head = ["run", "name", "graph", "status", "seed", "device", "step", "seconds"];
  return csv([
    [...head, ...settings.map(({ key }) => key), ...metrics],
    ...runs.map(({ detail, title }, place) => [
      detail.id,
      title,
      detail.graphName,
      detail.status,
      detail.seed,
      detail.device,
      detail.step,
      secondsOf(detail, now) ?? "",
      ...settings.map(({ values }) => values[place] ?? ""),
      ...metrics.map((name) => detail.metrics[name] ?? ""),
    ]),
  ]);
}

/** Every point of every curve, one a line. */
export const curvesCsv = (runs: readonly ComparedRun[]): string =>
  csv([
    ["run", "name", "seed", "series", "step", "value"],
    ...runs.flatMap(({ detail, title, log }) =>
      [...log.series, ...log.metrics].flatMap(([key, { steps, values }]) =>
        steps.map((step, i) => [detail.id, title, detail.seed, key, step, values[i] ?? ""]),
      ),
    ),
  ]);
