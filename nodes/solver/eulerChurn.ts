import type { ScheduleValue, StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  and,
  cast,
  clip,
  div,
  gather,
  greaterOrEqual,
  lessOrEqual,
  log,
  min,
  mul,
  reduceSum,
  reshape,
  sqrt,
  square,
  sub,
  where,
} from "@distillery/shared/onnx/ops";
import { noiseRatios } from "../schedule/ratios";
import { eulerSolver } from "./euler";
import { nothingCarried, type Solver, varianceExploding } from "./solver";

export interface Churn {
  /** s_churn: noise added over the whole path. */
  readonly churn: number;
  /** s_tmin and s_tmax: noise-to-signal ratios between which it is added. */
  readonly from: number;
  readonly to: number;
  /** s_noise: its standard deviation, a little above 1 against lost detail. */
  readonly noise: number;
}

/**
 * Euler with a little fresh noise before every step (Karras et al. 2022, algorithm 2), in y = x / alpha:
 * gamma = min(s_churn / steps, sqrt(2) - 1), sig' = sig (1 + gamma), y' = y + s_noise sqrt(sig'^2 - sig^2) z,
 * and the step goes from (y', sig'), where the network is evaluated, too.
 */
export const eulerChurnSolver = ({ churn, from, to, noise }: Churn): Solver =>
  churn === 0
    ? eulerSolver
    : {
        evaluationsPerStep: 1,
        spaces: ["vp"],
        carry: nothingCarried,
        step(predict, x, s, _carry, along) {
          const { alpha, sigma } = varianceExploding(x.t, x.x);
          const isInside = and(greaterOrEqual(sigma, from), lessOrEqual(sigma, to));
          const gamma = where(isInside, min(div(churn, along.steps), Math.SQRT2 - 1), 0);
          const raised = mul(sigma, add(gamma, 1));
          const added = mul(sqrt(sub(square(raised), square(sigma))), noise);
          const y = add(div(x.x, alpha), mul(added, along.noise(x)));
          return eulerSolver.step(predict, atRatio(y, raised, x), s, {});
        },
      };

/** The state y at the noise-to-signal ratio `sigma`, wherever on the schedule that is. */
function atRatio(y: Tensor, sigma: Tensor, { t }: StateValue): StateValue {
  const flat = reshape(sigma, [sigma.shape[0] as number]);
  const alpha = div(1, sqrt(add(square(flat), 1)));
  const schedule: ScheduleValue = {
    ...t.schedule,
    id: `${t.schedule.id}@churned`,
    alpha: () => alpha,
    sigma: () => mul(flat, alpha),
    timestep: () => timestepOf(flat, t.schedule),
  };
  return { x: div(y, sqrt(add(square(sigma), 1))), t: { ...t, schedule } };
}

/** t(sigma): linear between timesteps in log sigma (methods 1.4). */
function timestepOf(sigma: Tensor, schedule: ScheduleValue): Tensor {
  const ratios = noiseRatios(schedule).map(Math.log);
  const table = sigma.graph.constant(ratios, [ratios.length]);
  const at = reshape(log(sigma), [-1, 1]);
  const below = reduceSum(cast(lessOrEqual(table, at), "float32"), { axes: [1], keepdims: false });
  const i = clip(sub(below, 1), { min: 0, max: ratios.length - 2 });
  const [low, high] = [gather(table, cast(i, "int64")), gather(table, cast(add(i, 1), "int64"))];
  const share = clip(div(sub(low, reshape(at, [-1])), sub(low, high)), { min: 0, max: 1 });
  return add(i, share);
}
