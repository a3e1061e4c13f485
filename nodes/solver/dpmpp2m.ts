import { defineNode } from "@distillery/shared/graph/node";
import { dpmppSolver } from "./dpmpp";
import { emitSolver, solverInputs, solverOutputs, solverParams, solverTerms } from "./node";

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
  terms: solverTerms("DPM++2M"),
  emit: emitSolver(dpmppSolver("midpoint")),
});
