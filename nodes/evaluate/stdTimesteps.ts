/**
 * Inference timesteps of single trajectory distillation (methods 4.8): of n steps spread over the distillation grid the last
 * int(n * eta) are kept; n is the smallest number that keeps `nfe`.
 */

/** Indices floor(linspace(0, N, n, endpoint excluded)) into the descending grid {T-1, .., 2k-1, k-1}, as timesteps. */
export function gridTimesteps(timesteps: number, nodes: number, steps: number): number[] {
  const stride = Math.floor(timesteps / nodes);
  return Array.from({ length: steps }, (_, i) => (nodes - Math.floor((i * nodes) / steps)) * stride - 1);
}

/** Scheduler steps n to ask for, so that `nfe` of them lie in the last `eta` share. */
export const requestedSteps = (eta: number, nfe: number): number => Math.ceil(nfe / eta - 1e-9);

/** The `nfe` timesteps visited, descending; the last jump ends at timestep 0. */
export function stdTimesteps(timesteps: number, nodes: number, eta: number, nfe: number): number[] {
  return gridTimesteps(timesteps, nodes, requestedSteps(eta, nfe)).slice(-nfe);
}
