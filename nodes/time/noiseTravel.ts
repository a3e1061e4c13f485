import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, max, mul, sqrt, square, sub } from "@distillery/shared/onnx/ops";
import { coefficients } from "../schedule/prediction";

/** A state of pure noise (alpha_s = 0) has nothing to keep; this keeps the ratio finite. */
const SMALLEST_ALPHA = 2 ** -12;

/**
 * The state at s with fresh `noise` up to a later time t (methods 1.7): the one primitive of stochastic samplers, of
 * discriminators that look at noised states, and of resampling.
 * x_t = r x_s + sqrt(sigma_t^2 - r^2 sigma_s^2) z,  r = alpha_t / alpha_s;
 * variance preserving that is sqrt(abar_t / abar_s) x_s + sqrt(1 - abar_t / abar_s) z. At t = s the state stays.
 */
export function noiseTravel({ x, t: s }: StateValue, t: TimeValue, noise: Tensor): StateValue {
  const [from, to] = [coefficients(s, x), coefficients(t, x)];
  const kept = div(to.alpha, max(from.alpha, SMALLEST_ALPHA));
  const added = sqrt(max(sub(square(to.sigma), square(mul(kept, from.sigma))), 0));
  return { x: add(mul(kept, x), mul(added, noise)), t };
}
