import { atTime, expr, indexed, row } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, ceil, floor, max, min, mul, sub } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import { z } from "zod";
import { describeTime, isNotAfter, ownLabel, requireSameSchedule } from "./labels";
import { noiseTravel } from "./noiseTravel";
import { nodesAround, timeAt } from "./offGrid";

/**
 * Noise travel from s up to t >= s: the wired time, or u ~ U{s .. min(s + reach, T) - 1} per sample as PCM and TDD noise what
 * their discriminator sees; u is a raw timestep and may lie between solver nodes.
 */
export const noiseTravelNode = defineNode({
  type: "time/noise-travel",
  version: 1,
  title: "Noise travel",
  family: "time",
  help:
    "Adds fresh noise to a state, up to a later time: for discriminators that look at noised states, and for going back up a " +
    "path. Wire t of one into another to take two states to the same time, each with noise of its own.",
  formula: "x_t = √(ᾱ_t/ᾱ_s) x_s + √(1 − ᾱ_t/ᾱ_s) z",
  source: "Wang et al. 2024 (PCM); TDD; Zheng et al. 2024 (TCD); Lugmayr et al. 2022 (RePaint)",
  inputs: {
    x: wire.state.describe("The state at s."),
    t: wire.time.optional().describe("Where to go; never earlier than s. Nothing wired: drawn within reach."),
  },
  outputs: { x: wire.state.describe("The state at t."), t: wire.time },
  params: z.object({
    reach: z.number().int().min(1).max(100_000).default(250).meta({
      title: "Reach",
      description:
        "Without a time wired in: fewer than this many timesteps later. 1000 / phases in PCM, 250 in TDD; 1 stays where it is.",
      unit: "timesteps",
    }),
    noise: z.enum(["fresh", "fixed"]).default("fresh").meta({
      title: "Noise",
      description: "fresh: drawn in every step; fixed: the same in every step of a run, one for each row.",
      advanced: true,
    }),
  }),
  terms(inputs, { reach }, { time, define }) {
    const x = inputs.get("x");
    const s = x?.time ?? expr("s");
    const wired = inputs.get("t")?.expr;
    const u = wired ?? time("u");
    if (!wired) define(u, "∼", row("U[", s, ", ", s, ` + ${reach})`));
    const there = atTime(x?.expr ?? expr("x"), u);
    define(
      there,
      "=",
      row(
        "√(",
        indexed("ᾱ", u),
        "/",
        indexed("ᾱ", s),
        ") ",
        x?.expr ?? "x",
        " + √(1 − ",
        indexed("ᾱ", u),
        "/",
        indexed("ᾱ", s),
        ") z",
      ),
    );
    return { x: { expr: there, time: u }, t: { expr: u, time: u } };
  },
  emit({ x, t: wired }, { reach, noise }, context) {
    const t = wired ?? drawn(x, reach, context);
    requireSameSchedule(context, x.t, t, "t");
    if (!isNotAfter(x.t.label, t.label)) {
      context.fail(
        `noise can only be added: the state is at ${describeTime(x.t.label)}, the time to go to is ${describeTime(t.label)}, ` +
          "which may be earlier. To go down, use a jump or a solver.",
        "t",
        "time-order",
      );
    }
    return { x: noiseTravel(x, t, noise === "fresh" ? fresh(x, context) : fixed(x, context)), t };
  },
});

const fresh = ({ x }: StateValue, context: StageContext): Tensor =>
  context.random("noise", { kind: "normal" }, x.shape);

function fixed({ x }: StateValue, context: StageContext): Tensor {
  return context.constant("noise", "float32", x.shape, async () => {
    const { normal } = randomStream(context.seed, `${context.nodeId}.fixedNoise`, 0);
    return Float32Array.from({ length: sizeOf(x.shape) }, normal);
  });
}

function drawn({ t: s }: StateValue, reach: number, context: StageContext): TimeValue {
  const { timesteps, solverGrid: grid = s.schedule } = s.schedule;
  const from = s.schedule.timestep(s);
  const u = context.random("u", { kind: "uniform", low: 0, high: 1 }, s.node.shape);
  const count = min(sub(timesteps, from), reach);
  // In rectified flow times are seldom whole, and the goal must not be below. Rounding can bring u * count up to count itself.
  const offset = max(min(floor(mul(u, count)), sub(count, 1)), 0);
  const latest = Math.min(grid.timestepOf(s.label.max) + reach, timesteps) - 1;
  const label = {
    ...ownLabel(context.nodeId, `the time of "${context.title}"`, s.label.min, nodesAround(grid, latest).above),
    notBefore: [s.label],
  };
  return timeAt(grid, cast(ceil(add(from, offset)), "int64"), label);
}
