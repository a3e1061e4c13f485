import { defineNode } from "@distillery/shared/graph/node";
import { stateAt } from "../schedule/prediction";
import { emitSolver, solverInputs, solverOutputs, solverParams, solverTerms } from "./node";
import { nothingCarried, type OdeSolver } from "./solver";

/** x_s = alpha_s predX0 + sigma_s eps: the deterministic DDIM step (Song et al. 2021, eq. 12 with eta = 0). */
export const ddimSolver: OdeSolver = {
  evaluationsPerStep: 1,
  carry: nothingCarried,
  step(predict, x, s) {
    const prediction = predict(x);
    return { x: { x: stateAt(s, prediction), t: s }, prediction, carry: {} };
  },
};

export const ddim = defineNode({
  type: "solver/ddim",
  version: 1,
  title: "DDIM step",
  family: "solver",
  help: "Moves a state along the teacher's PF-ODE to an earlier solver node in one evaluation. Every released distillation script uses this step.",
  formula: "x_s = α_s x̂₀ + σ_s ε̂",
  source: "Song et al. 2021, Denoising diffusion implicit models, eq. 12 (η = 0)",
  inputs: solverInputs,
  outputs: solverOutputs,
  params: solverParams,
  terms: solverTerms("DDIM"),
  emit: emitSolver(ddimSolver),
});
