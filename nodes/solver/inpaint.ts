import { indexed, row } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { requireNotAfter } from "../time/labels";
import { blendAfterStep, knownRegion } from "./knownRegion";

/** x := m x + (1 - m) add_noise(z0, eps, s) between the teacher's step and whoever takes its result (methods 7.3). */
export const inpaint = defineNode({
  type: "solver/inpaint",
  version: 1,
  title: "Keep the known region",
  family: "solver",
  help:
    "Puts the known part of the picture back into the state a solver arrived at, so that teacher, target network and bank " +
    "follow the path of an inpainting. Wire it between the solver and the target; the noise of the known part is the one its path began with.",
  formula: "x_s ← m x_s + (1 − m)(α_s z₀ + σ_s ε),  ε = (x_t − α_t z₀)/σ_t",
  source: "Lugmayr et al. 2022 (RePaint), eq. 8, with one fixed ε",
  inputs: {
    x: wire.state.describe("The state after the solver's step."),
    from: wire.state.describe("The state before it."),
    known: wire.image.describe("The clean picture the path began with."),
    mask: wire.image.describe("1 where new content is generated, 0 where the picture is kept."),
  },
  outputs: { x: wire.state.describe("The state with the known region put back.") },
  params: z.object({}),
  terms(inputs, _params, { define }) {
    const x = inputs.get("x");
    const from = inputs.get("from");
    if (!x) return {};
    const [before, after] = [from?.time ?? "t", x.time ?? "s"];
    const known = row(indexed("α", after), " z₀ + ", indexed("σ", after), " ε");
    define(x.expr, "←", row("m ", x.expr, " + (1 − m) (", known, ")"));
    define("ε", "=", row("(", from?.expr ?? "x", " − ", indexed("α", before), " z₀) / ", indexed("σ", before)));
    return { x };
  },
  emit({ x, from, known, mask }, _params, context) {
    requireNotAfter(context, x.t, from.t, "x");
    const region = knownRegion(known, mask, x.x, context);
    return { x: region === undefined ? x : blendAfterStep(x, from, region) };
  },
});
