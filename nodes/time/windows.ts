/** Rules that choose a target node below the teacher's state, on plain numbers (methods 4.3, 4.8). */

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
