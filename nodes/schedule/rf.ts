import { word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { flowSchedule, shifted } from "./flow";

/**
 * x_sigma = (1 - sigma) x0 + sigma eps, with the velocity v = eps - x0 constant along the line (Liu et al. 2023), and the
 * shift of Esser et al. 2024, eq. 23. Its dynamic forms are the same curve: e^mu / (e^mu + 1 / sigma - 1) has shift e^mu,
 * mu / (mu + 1 / sigma - 1) has shift mu.
 */
export const rectifiedFlow = defineNode({
  type: "schedule/rf",
  version: 1,
  title: "Rectified flow",
  family: "schedule",
  help:
    "Straight lines between data and noise, as Stable Diffusion 3 and FLUX follow them, cut into solver nodes. On such a line an " +
    "Euler step and a jump are the same formula, so solvers, jumps and noise travel work as on a noise schedule.",
  formula: "x_σ = (1 − σ) x₀ + σ ε,  v = ε − x₀,  σ′ = shift σ / (1 + (shift − 1) σ)",
  source: "Liu et al. 2023, Flow straight and fast; Esser et al. 2024, Scaling rectified flow transformers, eq. 23",
  inputs: {},
  outputs: { schedule: wire.schedule },
  params: z.object({
    shift: z.number().min(-20).max(100).default(3).meta({
      title: "Shift",
      description: "Above 1 more of the steps lie at high noise: 3 for Stable Diffusion 3; 1 spaces evenly.",
      step: 0.5,
    }),
    shiftIs: z.enum(["factor", "exponent"]).default("factor").meta({
      title: "Shift is",
      description: "factor: as it is (also mu of the linear dynamic form); exponent: mu, for a factor of e^mu (FLUX).",
      advanced: true,
    }),
    timesteps: z.number().int().min(2).max(100_000).default(1000).meta({
      title: "Timesteps",
      description: "T: networks take T sigma as time.",
    }),
    nodes: z.number().int().min(1).max(10_000).default(50).meta({
      title: "Solver nodes",
      description: "N: the teacher's path is cut into this many steps. Must divide T.",
    }),
    predictionType: z.enum(["v_prediction", "epsilon", "sample"]).default("v_prediction").meta({
      title: "Prediction type",
      description: "What networks on this schedule put out: the velocity, the noise or the clean sample.",
    }),
    shiftLowestTwice: z.boolean().default(false).meta({
      title: "Shift the lowest level twice",
      description:
        "With linspace spacing, as the published flow-match Euler scheduler does. Only for the same numbers.",
      advanced: true,
    }),
  }),
  terms(_inputs, _params, { define }) {
    define("α_t, σ_t", "=", "1 − σ, σ");
    return { schedule: { expr: word("RF") } };
  },
  emit(_inputs, { shift: given, shiftIs, shiftLowestTwice, ...params }, context) {
    const { timesteps, nodes, predictionType } = params;
    if (timesteps % nodes !== 0) {
      context.fail(
        `${nodes} solver nodes do not divide ${timesteps} timesteps; choose a divisor such as 50.`,
        undefined,
        "schedule-grid",
      );
    }
    if (shiftIs === "factor" && given <= 0) {
      context.fail(`a shift of ${given} is no factor; choose a positive one.`, undefined, "schedule-shift");
    }
    const shift = shiftIs === "exponent" ? Math.exp(given) : given;
    const lowest = shiftLowestTwice ? shifted(1 / timesteps, shift) : 1 / timesteps;
    return {
      schedule: flowSchedule({ id: context.nodeId, predictionType, timesteps, nodes, shift, lowest }),
    };
  },
});
