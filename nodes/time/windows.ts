/** Rules that choose a target time below the teacher's state, on plain numbers (methods 4.3 to 4.5, 4.8). */
import { stdTimesteps } from "../evaluate/stdTimesteps";

/** Ceiling that ignores the last bits: 50 * 0.58 is 28.999999999999996 in floating point. */
export const ceilStable = (value: number): number => Math.ceil(value - 1e-9);
const floorStable = (value: number): number => Math.floor(value + 1e-9);

/** Script index of SDEdit's start at noise share `eta`: ceil(N eta); its solver node is one more. */
export const startIndex = (nodes: number, eta: number): number => ceilStable(nodes * eta);

/** STD's window R = ceil(N eta rate): targets lie at most this many nodes below the teacher's state. */
export const windowSize = (nodes: number, eta: number, rate: number): number => ceilStable(nodes * eta * rate);

/** Phase edges floor(linspace(0, N eta, M, endpoint excluded)) as nodes, ascending; PCM has eta = 1. */
export const phaseEdges = (nodes: number, eta: number, phases: number): number[] =>
  Array.from({ length: phases }, (_, phase) => floorStable((phase * nodes * eta) / phases));

/** For each node 0..N the largest edge not above it. */
export const edgeBelow = (edges: readonly number[], nodes: number): number[] =>
  Array.from({ length: nodes + 1 }, (_, node) => Math.max(...edges.filter((edge) => edge <= node)));

/**
 * TDD's targets: the timesteps that few-step schedules of `from` to `to` steps jump to, 0 with them, ascending. Their starts
 * are no targets; an eta below 1 takes the schedules' last share, as editing does.
 */
export function mergedSet(
  { timesteps, nodes }: { timesteps: number; nodes: number },
  eta: number,
  from: number,
  to: number,
): number[] {
  const set = new Set([0]);
  for (let steps = from; steps <= to; steps++)
    for (const t of stdTimesteps(timesteps, nodes, eta, steps).slice(1)) set.add(t);
  return [...set].sort((a, b) => a - b);
}

/** The members of an ascending set inside [max(ub - reach, 0), ub], ub = the largest one <= t: from `first`, `count` of them. */
export function membersBelow(set: readonly number[], t: number, reach: number): { first: number; count: number } {
  const last = set.findLastIndex((member) => member <= t);
  const first = set.findIndex((member) => member >= (set[last] as number) - reach);
  return { first, count: last - first + 1 };
}

/**
 * First timestep of the segment that `t` lies in, of `segments` equal ones of T / segments timesteps: 0, or L e - 1 as on the
 * solver grid, where the clean end is timestep 0 and node n is n k - 1.
 */
export function segmentStart(timesteps: number, segments: number, t: number): number {
  const length = Math.floor(timesteps / segments);
  return Math.max(Math.floor((t + 1) / length) * length - 1, 0);
}
