import { defineNode } from "@distillery/shared/graph/node";
import { add, div, mul, sub } from "@distillery/shared/onnx/ops";
import { emitSolver, solverInputs, solverOutputs, solverParams } from "./node";
import { nothingCarried, type OdeSolver, varianceExploding } from "./solver";

/**
 * y' = y + (sig_s - sig_t) (y - predX0) / sig_t with y = x / alpha (Karras et al. 2022, algorithm 1 without churn).
 * The same numbers as DDIM in another scaling.
 */
export const eulerSolver: OdeSolver = {
  title: "Euler",
  evaluationsPerStep: 1,
  carry: nothingCarried,
  step(predict, x, s) {
    const prediction = predict(x);
    const from = varianceExploding(x.t, x.x);
    const to = varianceExploding(s, x.x);
    const y = div(x.x, from.alpha);
    const slope = div(sub(y, prediction.predX0), from.sigma);
    const next = add(y, mul(sub(to.sigma, from.sigma), slope));
    return { x: { x: mul(to.alpha, next), t: s }, prediction, carry: {} };
  },
};

export const euler = defineNode({
  type: "solver/euler",
  version: 1,
  title: "Euler step",
  family: "solver",
  help: "One explicit Euler step of the PF-ODE in variance-exploding coordinates. Mathematically the DDIM step.",
  formula: "y_s = y + (σ̃_s − σ̃_t)(y − x̂₀)/σ̃_t,  y = x/α,  σ̃ = σ/α",
  source: "Karras et al. 2022, Elucidating the design space of diffusion models, algorithm 1",
  inputs: solverInputs,
  outputs: solverOutputs,
  params: solverParams,
  emit: emitSolver(eulerSolver),
});
