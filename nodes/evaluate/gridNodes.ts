/** Which solver nodes a sampler visits, from its start node down to node 0. */
import { stdTimesteps } from "./stdTimesteps";

/** round(start (1 - k / steps)), k = 0..steps; every grid node when there are at least as many steps as nodes. */
export function evenNodes(start: number, steps: number): number[] {
  const count = Math.min(steps, start);
  return Array.from({ length: count + 1 }, (_, k) => Math.round(start * (1 - k / count)));
}

/**
 * STD's published timesteps as nodes. The first of them is replaced by `start`, the state's own node: the released
 * pipeline begins slightly below the noise it was trained from. Null when the start
 * lies too low, or the grid has too few nodes, for a falling path of that many steps.
 */
export function stdNodes(options: {
  start: number;
  timesteps: number;
  nodes: number;
  eta: number;
  steps: number;
}): number[] | null {
  const { start, timesteps, nodes, eta, steps } = options;
  const stride = Math.floor(timesteps / nodes);
  const later = stdTimesteps(timesteps, nodes, eta, steps)
    .slice(1)
    .map((t) => (t + 1) / stride);
  const path = [start, ...later, 0];
  return path.length === steps + 1 && path.every((node, i) => i === 0 || node < path[i - 1]!) ? path : null;
}
