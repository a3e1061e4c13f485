/** Distances between two paths that started at the same states. */
import { pathTitle, type StageContext, type TrajectoryData } from "@distillery/shared/graph/node";
import type { TrajectoryValue } from "@distillery/shared/graph/wires";

export interface TrajectoryDistance {
  /** Mean squared distance to the teacher over the student's times, relative to the teacher's own moves between them. */
  readonly error: number;
  /** Per sampling time after the start: mean squared distance per element, and the teacher's own mean squared move. */
  readonly byTime: readonly { readonly t: number; readonly distance: number; readonly move: number }[];
}

/** The path of a reference; of many paths it would be unclear which is meant. */
export function onlyPath({ paths }: TrajectoryValue, context: StageContext): { readonly timesteps: readonly number[] } {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) {
    context.fail(
      `The teacher's sampler walks ${paths.length} paths; wire one that walks a single path (a Sampler, not a grid).`,
      "teacher",
      "many-paths",
    );
  }
  return path;
}

/** Mean over all elements of (a - b)^2, in float64. */
export function meanSquaredDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return sum / a.length;
}

/** Times that differ by less are the same: fractional timesteps are computed anew for every number of steps. */
const SAME_TIME = 1e-6;

/** Where a path is at timestep `t`: its end for that of the end, which may have been a step's own time before. */
export function placeOf(t: number, timesteps: readonly number[]): number | undefined {
  const place = timesteps.findLastIndex((own) => Math.abs(own - t) <= SAME_TIME);
  return place < 0 ? undefined : place;
}

/** Where `teacher` is at the times that `student` visits, in the student's order. */
export function columnsAt(teacher: TrajectoryData, student: TrajectoryData): number[] {
  return student.timesteps.map((t) => {
    const place = placeOf(t, teacher.timesteps);
    if (place === undefined) {
      throw new Error(
        `"${pathTitle(student)}" stops at timestep ${t}, which the path of "${teacher.title}" jumps over; give it more steps, spaced alike.`,
      );
    }
    return place;
  });
}

/** Where `teacher` is at the times that `student` visits, or nearest to them. */
export const nearestColumns = (teacher: TrajectoryData, student: TrajectoryData): number[] =>
  student.timesteps.map((t) => {
    const distance = (column: number) => Math.abs((teacher.timesteps[column] ?? Number.POSITIVE_INFINITY) - t);
    const nearest = () =>
      teacher.timesteps.reduce((best, _, column) => (distance(column) < distance(best) ? column : best), 0);
    return placeOf(t, teacher.timesteps) ?? nearest();
  });

/**
 * sum_k |x_student - x_teacher|^2 / sum_k |x_teacher(t_k) - x_teacher(t_{k-1})|^2 over the student's times after the start.
 * Refuses paths of different shapes or from different starts: their distance would say nothing about the student.
 */
export function trajectoryError(teacher: TrajectoryData, student: TrajectoryData): TrajectoryDistance {
  const between = `"${pathTitle(student)}" and "${teacher.title}"`;
  if (teacher.shape.join() !== student.shape.join()) {
    throw new Error(
      `${between} have states of shapes [${student.shape.join(", ")}] and [${teacher.shape.join(", ")}].`,
    );
  }
  const reference = columnsAt(teacher, student).map((column) => teacher.states[column] as Float32Array);
  const [start] = reference;
  const own = student.states[0];
  if (start === undefined || own === undefined || student.states.length < 2)
    throw new Error(`"${pathTitle(student)}" has no path.`);
  if (student.timesteps[0] !== teacher.timesteps[0] || own.some((value, i) => !Object.is(value, start[i]))) {
    throw new Error(`${between} start from different states; wire the same start to both samplers.`);
  }
  const byTime = reference.slice(1).map((state, i) => ({
    t: student.timesteps[i + 1] as number,
    distance: meanSquaredDifference(student.states[i + 1] as Float32Array, state),
    move: meanSquaredDifference(state, reference[i] as Float32Array),
  }));
  const total = (pick: (at: (typeof byTime)[number]) => number) => byTime.reduce((sum, at) => sum + pick(at), 0);
  return { error: total((at) => at.distance) / total((at) => at.move), byTime };
}
