import { defineNode } from "@distillery/shared/graph/node";
import type { StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, exp, greater, log, mul, neg, reshape, sub, where } from "@distillery/shared/onnx/ops";
import { coefficients, perSample } from "../schedule/prediction";
import { emitSolver, solverInputs, solverOutputs, solverParams } from "./node";
import { type OdeSolver, varianceExploding } from "./solver";

/** lambda = ln(alpha / sigma), half the log signal-to-noise ratio, broadcasting over `like`. */
const lambdaAt = (t: StateValue["t"], like: Tensor): Tensor => neg(log(varianceExploding(t, like).sigma));

/**
 * Multistep DPM-Solver++, order 2, midpoint form (Lu et al. 2022, algorithm 2), with m = predX0, h = lambda_s - lambda_t:
 * x_s = (sigma_s / sigma_t) x - alpha_s (e^{-h} - 1) (m + D / 2),  D = (m - m_before) h / h_before.
 * Without a step before (nothing carried, or the zeros a path starts with) D = 0: order 1, the DDIM step.
 */
export const dpmpp2mSolver: OdeSolver = {
  title: "DPM-Solver++ 2M",
  evaluationsPerStep: 1,
  carry: (sampleShape) => ({ predX0: sampleShape, lambda: [], started: [] }),
  step(predict, x, s, carry) {
    const prediction = predict(x);
    const m = prediction.predX0;
    const lambda = lambdaAt(x.t, x.x);
    const h = sub(lambdaAt(s, x.x), lambda);
    const from = coefficients(x.t, x.x);
    const to = coefficients(s, x.x);
    const scale = mul(to.alpha, sub(exp(neg(h)), 1));
    const kept = mul(div(to.sigma, from.sigma), x.x);
    const { predX0: before, lambda: lambdaBefore, started } = carry;
    let direction = m;
    if (before !== undefined && lambdaBefore !== undefined && started !== undefined) {
      const isFirst = greater(0.5, perSample(started, x.x));
      // The first step divides by its own h instead of an h that does not exist; `where` drops the result.
      const hBefore = where(isFirst, h, sub(lambda, perSample(lambdaBefore, x.x)));
      const slope = mul(sub(m, before), div(h, hBefore));
      direction = add(m, where(isFirst, 0, mul(slope, 0.5)));
    }
    const flat = [lambda.shape[0] as number];
    return {
      x: { x: sub(kept, mul(scale, direction)), t: s },
      prediction,
      carry: { predX0: m, lambda: reshape(lambda, flat), started: reshape(add(mul(lambda, 0), 1), flat) },
    };
  },
};

export const dpmpp2m = defineNode({
  type: "solver/dpmpp-2m",
  version: 1,
  title: "DPM-Solver++ 2M step",
  family: "solver",
  help:
    "The multistep solver DPM-Solver++ (2M). Its second order needs the prediction of the step before on the same path; a " +
    "training step sees one state at a time, so this node makes order-1 steps, equal to DDIM. In a Sampler the full second order is used.",
  formula: "x_s = (σ_s/σ_t) x − α_s(e^{−h} − 1)(m_t + ½(m_t − m_before) h/h_before),  h = λ_s − λ_t",
  source: "Lu et al. 2022, DPM-Solver++, algorithm 2",
  inputs: solverInputs,
  outputs: solverOutputs,
  params: solverParams,
  emit: emitSolver(dpmpp2mSolver),
});
