/** Timesteps of n steps out of T, as the published schedulers space them (methods 1.8), and noise levels between them (1.4). */
import { roundHalfEven } from "../schedule/levels";

export const SPACINGS = ["linspace", "leading", "trailing"] as const;
export type Spacing = (typeof SPACINGS)[number];

/**
 * How a solver's published scheduler counts: whole timesteps; real-valued ones, of solvers in variance-exploding
 * coordinates; or whole ones with one more interval, whose end multistep solvers leave out.
 */
export type Counting = "whole" | "real" | "multistep";

/** `count` even values from 0 to `last`, rising. */
const linspace = (last: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i === count - 1 ? last : (last / (count - 1)) * i));

/**
 * `steps` timesteps out of 0..T-1, falling: linspace from T-1 down to 0; leading (0..n-1) floor(T/n) + offset;
 * trailing round(T - i T/n) - 1.
 */
export function spacedTimesteps(options: {
  spacing: Spacing;
  counting: Counting;
  timesteps: number;
  steps: number;
  /** steps_offset, of leading spacing alone. */
  offset: number;
}): number[] {
  const { spacing, counting, timesteps, steps, offset } = options;
  // Multistep solvers space one more and drop the lowest.
  const spaced = counting === "multistep" ? steps + 1 : steps;
  switch (spacing) {
    case "linspace": {
      const rising = spaced === 1 ? [0] : linspace(timesteps - 1, spaced);
      const falling = rising.reverse().slice(0, steps);
      return counting === "real" ? falling : falling.map(roundHalfEven);
    }
    case "leading": {
      const stride = Math.floor(timesteps / spaced);
      return Array.from({ length: steps }, (_, i) => (spaced - 1 - i) * stride + offset);
    }
    case "trailing":
      return Array.from({ length: steps }, (_, i) => roundHalfEven(timesteps - i * (timesteps / steps)) - 1);
  }
}

/** sigma_j = (smax^(1/rho) + r_j (smin^(1/rho) - smax^(1/rho)))^rho, r_j = j / (n - 1) (Karras et al. 2022, eq. 5). */
export function karrasSigmas(highest: number, lowest: number, count: number, rho = 7): number[] {
  const [from, to] = [highest ** (1 / rho), lowest ** (1 / rho)];
  return ramp(count).map((r) => (from + r * (to - from)) ** rho);
}

/** Evenly spaced in ln sigma. */
export function exponentialSigmas(highest: number, lowest: number, count: number): number[] {
  const [from, to] = [Math.log(highest), Math.log(lowest)];
  return ramp(count).map((r) => Math.exp(from + r * (to - from)));
}

const ramp = (count: number): number[] => Array.from({ length: count }, (_, j) => (count === 1 ? 0 : j / (count - 1)));
