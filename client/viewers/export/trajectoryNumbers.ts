/** The states of a trajectory sheet as numbers: CSV for tables, NPY for programs. */
import { csv } from "@distillery/shared/text/csv";
import { say } from "../../language";
import { encodeNpy } from "./npy";

const words = say.trajectory.exports;

export interface ExportedState {
  readonly row: string;
  readonly t: number;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A line for each state; of points [N, 2] one for each point. */
export function statesCsv(states: readonly ExportedState[], sample: number): string {
  const isPoints = (shape: readonly number[]) => shape.length === 2;
  const size = Math.max(0, ...states.map(({ shape, values }) => (isPoints(shape) ? (shape[1] ?? 1) : values.length)));
  const names = Array.from({ length: size }, (_, i) =>
    states.every(({ shape }) => isPoints(shape)) && size === 2 ? "xy"[i]! : `v${i}`,
  );
  return csv([
    ["path", "sample", "t", ...names],
    ...states.flatMap(({ row, t, shape, values }) =>
      isPoints(shape)
        ? Array.from({ length: shape[0] ?? 0 }, (_, i) => [row, i + 1, t, ...values.subarray(i * size, (i + 1) * size)])
        : [[row, sample + 1, t, ...values]],
    ),
  ]);
}

/** [path, time, ...state]: paths in the order given, as many times for each. */
export function statesNpy(states: readonly ExportedState[]): Uint8Array<ArrayBuffer> {
  const [first] = states;
  if (!first) throw new Error(words.none);
  const rows = [...new Set(states.map(({ row }) => row))];
  const times = states.length / rows.length;
  if (!Number.isInteger(times) || states.some(({ values }) => values.length !== first.values.length))
    throw new Error(words.uneven);
  const all = new Float32Array(states.length * first.values.length);
  rows
    .flatMap((row) => states.filter((state) => state.row === row))
    .forEach(({ values }, i) => {
      all.set(values, i * values.length);
    });
  return encodeNpy(all, [rows.length, times, ...first.shape]);
}
