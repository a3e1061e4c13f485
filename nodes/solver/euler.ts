import { defineNode } from "@distillery/shared/graph/node";
import { add, div, mul, sub } from "@distillery/shared/onnx/ops";
import { emitSolver, solverInputs, solverOutputs, solverParams, solverTerms } from "./node";
import { nothingCarried, type OdeSolver, varianceExploding } from "./solver";

/**
 * y' = y + (sig_s - sig_t) (y - predX0) / sig_t with y = x / alpha (Karras et al. 2022, algorithm 1 without churn), as
 * y' = predX0 + (sig_s / sig_t) (y - predX0), which loses nothing where alpha is nearly 0.
 * The same numbers as DDIM in another scaling, and in rectified flow x' = x + (sigma_s - sigma_t) v.
 */
export const eulerSolver: OdeSolver = {
  evaluationsPerStep: 1,
  carry: nothingCarried,
  step(predict, x, s) {
    const prediction = predict(x);
    const from = varianceExploding(x.t, x.x);
    const to = varianceExploding(s, x.x);
    const y = div(x.x, from.alpha);
    const next = add(prediction.predX0, mul(div(to.sigma, from.sigma), sub(y, prediction.predX0)));
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
  terms: solverTerms("Euler"),
  emit: emitSolver(eulerSolver),
});
