import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  and,
  cast,
  div,
  exp,
  floor,
  greater,
  mul,
  neg,
  not,
  reshape,
  sub,
  where,
} from "@distillery/shared/onnx/ops";
import { coefficients, perSample, stateAt } from "../schedule/prediction";
import { noiseTravel } from "../time/noiseTravel";
import { timeAt } from "../time/offGrid";
import { isLastStep } from "./lastStep";
import { type Along, type Carry, lambdaAt, nothingCarried, type Solver } from "./solver";

export interface TcdOptions {
  readonly gamma: number;
  readonly order: 1 | 2;
}

/**
 * Strategic stochastic sampling (Zheng et al. 2024, TCD, algorithm 4) towards the next time p of the path: a jump to the
 * timestep s = floor((1 - gamma) p), which may lie between solver nodes, and fresh noise back up from s to p,
 * x_s = sqrt(abar_s) predX0 + sqrt(1 - abar_s) eps,  x_p = sqrt(abar_p / abar_s) x_s + sqrt(1 - abar_p / abar_s) z.
 * gamma 0 is the deterministic DDIM path; at gamma 1 all noise is fresh. The last step, to timestep 0, adds none.
 *
 * In order 2 (Wang et al. 2024, TDD) every second step but the last jumps from the state b before, with both predictions m:
 * x_s = (sigma_s / sigma_b) x_b - alpha_s (e^{-h} - 1) (m_b + D / 2),  D = (m_t - m_b) h / (lambda_t - lambda_b),
 * h = lambda_s - lambda_b: single-step DPM-Solver++ (Lu et al. 2022, algorithm 1).
 */
export const tcdSolver = ({ gamma, order }: TcdOptions): Solver => ({
  evaluationsPerStep: 1,
  carry:
    order === 1 ? nothingCarried : (sampleShape) => ({ x: sampleShape, predX0: sampleShape, sigma: [], lambda: [] }),
  step(predict, x, p, carry, along) {
    const prediction = predict(x);
    const s = gamma === 0 ? p : below(p, gamma);
    const first = stateAt(s, prediction);
    const landed = {
      x: order === 1 ? first : where(isSecond(along), jumpFromBefore(prediction.predX0, x, s, carry), first),
      t: s,
    };
    const next = order === 1 ? {} : kept(prediction.predX0, x);
    if (gamma === 0) return { x: landed, prediction, carry: next };
    const travelled = noiseTravel(landed, p, along.noise(x));
    const isOnTheWay = greater(perSample(p.schedule.timestep(p), x.x), 0);
    return { x: { x: where(isOnTheWay, travelled.x, landed.x), t: p }, prediction, carry: next };
  },
});

/** The whole timestep floor((1 - gamma) p). */
function below(p: TimeValue, gamma: number): TimeValue {
  // A hair up: 0.7 * 250 must not become 174.
  const timestep = cast(floor(add(mul(p.schedule.timestep(p), 1 - gamma), 1e-4)), "int64");
  return timeAt(p.schedule, timestep, p.label);
}

/** Steps 1, 3, 5 .. of a path, but not its last one. */
function isSecond(along: Along): Tensor {
  const half = mul(along.index, 0.5);
  return and(greater(sub(half, floor(half)), 0.25), not(isLastStep(along)));
}

const kept = (predX0: Tensor, x: StateValue): Carry => {
  const flat = (value: Tensor) => reshape(value, [x.x.shape[0] as number]);
  return { x: x.x, predX0, sigma: flat(coefficients(x.t, x.x).sigma), lambda: flat(lambdaAt(x.t, x.x)) };
};

function jumpFromBefore(m: Tensor, x: StateValue, s: TimeValue, carry: Carry): Tensor {
  const { x: before, predX0, sigma, lambda } = carry as Record<"x" | "predX0" | "sigma" | "lambda", Tensor>;
  const lambdaBefore = perSample(lambda, x.x);
  const to = coefficients(s, x.x);
  const h = sub(lambdaAt(s, x.x), lambdaBefore);
  const slope = mul(sub(m, predX0), div(h, sub(lambdaAt(x.t, x.x), lambdaBefore)));
  const scale = mul(to.alpha, sub(exp(neg(h)), 1));
  return sub(mul(div(to.sigma, perSample(sigma, x.x)), before), mul(scale, add(predX0, mul(slope, 0.5))));
}
