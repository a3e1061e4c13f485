/** Sockets, parameters and emission that all solver nodes share; each file beside this one adds its mathematics. */
import { atTime, call, expr, indexed, row, type Terms, word } from "@distillery/shared/graph/formula";
import { type InputValues, type OutputValues, type StageContext, wire } from "@distillery/shared/graph/node";
import { max, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { describeTime, stepLabel } from "../time/labels";
import { requireOnGrid } from "../time/offGrid";
import { drawnGuidanceParams, drawScale, guided, guidedTerm, scaleLetter, toldScale } from "./guidance";
import type { Noise, OdeSolver } from "./solver";

export const solverInputs = {
  weights: wire.weights.frozen().describe("The teacher."),
  x: wire.state,
  condition: wire.condition.optional(),
};
export const solverOutputs = {
  x: wire.state.describe("The state, that many solver nodes, times the steps, nearer to the data."),
  predX0: wire.image.describe("The clean sample predicted at the incoming state."),
  eps: wire.image.describe("The noise predicted at the incoming state."),
  condition: wire.condition.describe(
    "The condition with this step's guidance scale, for students that are told it (full LCM). Others take no notice.",
  ),
};
export const solverParams = z.object({
  nodes: z.number().int().min(1).max(10_000).default(1).meta({
    title: "Solver nodes per step",
    description:
      "How many nodes of the schedule's grid one step covers. The grid ends at node 0, which stays where it is.",
  }),
  steps: z.number().int().min(1).max(1000).default(1).meta({
    title: "Steps",
    description: "How many steps are made one after another: what a student of progressive distillation covers in one.",
    advanced: true,
  }),
  ...drawnGuidanceParams,
});

/** Drawn afresh every step. */
export const noiseFrom =
  (context: StageContext): Noise =>
  ({ x }) =>
    context.random("noise", { kind: "normal" }, x.shape);

/** `terms` of a solver node: the step with the teacher φ, guided or not, from t down to t′. */
export const solverTerms =
  (name: string): Terms<z.output<typeof solverParams>> =>
  (inputs, { nodes, steps, ...guidance }, { time, define }) => {
    const [x, condition] = [inputs.get("x"), inputs.get("condition")];
    const from = x?.time ?? expr("t");
    const to = time("t");
    const state = atTime(x?.expr ?? expr("x"), to);
    const teacher = guidedTerm(inputs.get("weights")?.expr ?? expr("φ"), guidance, { define });
    const below = nodes * steps;
    define(to, "=", row(from, " − ", below, word(below === 1 ? " node" : " nodes")));
    const step = indexed(word(name), teacher);
    define(state, "=", call(step, x?.expr ?? "x", row(from, " → ", to), condition?.expr));
    if (steps > 1) define(step, "=", word(`${steps} steps of ${nodes} ${nodes === 1 ? "node" : "nodes"}`));
    const told = condition && { expr: row(condition.expr, ", ", scaleLetter(guidance.guidance)) };
    return {
      x: { expr: state, time: to },
      predX0: { expr: call(indexed("x̂₀", teacher), x?.expr ?? "x") },
      eps: { expr: call(indexed("ε̂", teacher), x?.expr ?? "x") },
      condition: guidance.guidance === "none" ? condition : told,
    };
  };

/** `emit` of a solver node: `steps` steps, each to `nodes` below its state's own time. */
export const emitSolver =
  (solver: OdeSolver) =>
  (
    { weights, x, condition }: InputValues<typeof solverInputs, false>,
    params: z.output<typeof solverParams>,
    context: StageContext,
  ): OutputValues<typeof solverOutputs> => {
    requireOnGrid(context, x.t, "x");
    const { schedule, node, label } = x.t;
    if (label.max === 0) {
      context.fail(
        `a solver steps to an earlier time, but the state is at ${describeTime(label)}, the end of the path.`,
        "x",
        "time-order",
      );
    }
    const below = (count: number) => ({ schedule, node: max(sub(node, count), 0), label: stepLabel(label, count) });
    // Drawn once, so that the student is told the very scale the teacher was guided with.
    const { guidance } = params;
    const guidanceScale = guidance === "none" ? 0 : drawScale(params, context);
    const predict = guided(weights, condition, { guidance, guidanceScale }, context);
    const scalar = (value: number) => context.graph.constant([value], []);
    const steps = scalar(params.steps);
    const along = (done: number) => ({ noise: noiseFrom(context), index: scalar(done), steps });
    const first = solver.step(predict, x, below(params.nodes), {}, along(0));
    let stepped = first;
    for (let done = 1; done < params.steps; done++) {
      stepped = solver.step(predict, stepped.x, below(params.nodes * (done + 1)), stepped.carry, along(done));
    }
    return {
      x: stepped.x,
      predX0: { x: first.prediction.predX0 },
      eps: { x: first.prediction.eps },
      condition: toldScale(condition, guidance, guidanceScale, context),
    };
  };
