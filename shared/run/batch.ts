/** Several runs of one graph: every combination of parameter values, each with every seed. */
import { z } from "zod";

/** Runs started at once, at most: more is a typing error, not a plan. */
export const MAX_BATCH = 100;
const MAX_AXES = 6;

const axisSchema = z.strictObject({
  /** `node.param` */
  param: z.string().max(400),
  values: z.array(z.json()).min(1).max(MAX_BATCH),
});
export const batchShape = {
  /** Seeds per combination, counted up from the graph's. */
  seeds: z.number().int().min(1).max(MAX_BATCH).default(1),
  sweep: z.array(axisSchema).max(MAX_AXES).default([]),
};
export type SweepAxis = z.infer<typeof axisSchema>;
export interface Batch {
  readonly seeds: number;
  readonly sweep: readonly SweepAxis[];
}
export interface PlannedRun {
  readonly label: string;
  readonly seed: number;
  /** By `node.param`. */
  readonly params: Readonly<Record<string, SweepAxis["values"][number]>>;
}

export const batchSize = ({ seeds, sweep }: Batch): number =>
  sweep.reduce((product, { values }) => product * values.length, seeds);

/** The runs in the order in which they are queued, labelled with what sets each apart; the last axis varies fastest. */
export function plannedRuns({ seeds, sweep }: Batch, firstSeed: number, label = ""): PlannedRun[] {
  let combinations: PlannedRun["params"][] = [{}];
  for (const { param, values } of sweep)
    combinations = combinations.flatMap((params) => values.map((value) => ({ ...params, [param]: value })));
  return combinations.flatMap((params) =>
    Array.from({ length: seeds }, (_, i) => {
      const seed = (firstSeed + i) % 2 ** 32;
      const parts = Object.entries(params).map(([param, value]) => `${param} ${textOf(value)}`);
      if (seeds > 1) parts.push(`seed ${seed}`);
      const own = parts.join(", ");
      return {
        label: [label, own]
          .filter((part) => part !== "")
          .join(": ")
          .slice(0, 200),
        seed,
        params,
      };
    }),
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** `count` numbers from `from` to `to`, evenly spaced in value or in logarithm, to six digits. */
export function spaced(from: number, to: number, count: number, scale: "linear" | "log"): number[] {
  if (scale === "log" && !(from > 0 && to > 0)) return [];
  const at = (t: number): number => (scale === "log" ? from * (to / from) ** t : from + (to - from) * t);
  return Array.from({ length: count }, (_, i) => Number(at(count === 1 ? 0 : i / (count - 1)).toPrecision(6)));
}
