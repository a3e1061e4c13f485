/** A graph small enough to compute by hand: a trainer that pulls one number towards noise around another. */
import { z } from "zod";
import type { GraphDocument } from "../../graph/document";
import { emptyDocument } from "../../graph/document";
import { defineNode, NodeLibrary, wire } from "../../graph/node";
import { add, mul, reduceMean, square, sub } from "../../onnx/ops";

const noise = defineNode({
  type: "data/noise",
  version: 1,
  title: "Noise",
  family: "data",
  help: "A random number each step, and how many steps the host has seen.",
  inputs: {},
  outputs: { value: wire.scalar },
  params: z.object({ mean: z.number().default(3), blowUpAt: z.number().int().default(-1) }),
  emit(_inputs, { mean }, context) {
    const random = context.random("value", { kind: "normal" }, [1]);
    const poison = context.input("poison", "float32", [1]);
    context.output("seen", random);
    return { value: { value: add(add(mul(random, 0.1), mean), poison) } };
  },
  host({ blowUpAt }) {
    let seen = 0;
    return {
      before: (step) => ({
        poison: { dtype: "float32", shape: [1], data: Float32Array.of(step === blowUpAt ? Number.NaN : seen * 1e-6) },
      }),
      after: () => {
        seen++;
      },
      save: () => ({ seen: { dtype: "float32", shape: [1], data: Float32Array.of(seen) } }),
      load: (state) => {
        seen = Number(state.seen?.data[0]);
      },
    };
  },
});

const follower = defineNode({
  type: "train/follower",
  version: 1,
  title: "Follower",
  family: "train",
  help: "w <- w - 2 lr (w - target).",
  inputs: { target: wire.scalar },
  outputs: {},
  params: z.object({
    rate: z.number().default(0.1),
    steps: z.number().int().default(40),
    batch: z.number().default(1),
    turn: z.enum(["every", "even", "odd"]).default("every"),
  }),
  trainer: { stage: ({ steps, batch, turn }) => ({ batch, steps, checkpointEvery: 10, turn }) },
  emit({ target }, { rate, turn }, context) {
    const w = context.variable("w", { shape: [1], init: { kind: "normal", std: 1 }, role: "parameter" });
    const error = sub(w, target.value);
    context.series("loss", reduceMean(square(error)));
    context.assign("w", sub(w, mul(error, 2 * rate)), context.nodeId, turn);
    return {};
  },
});

export const lineLibrary = new NodeLibrary([noise, follower]);

export const lineDocument = (params: { noise?: object; follower?: object } = {}): GraphDocument => ({
  ...emptyDocument("line"),
  seed: 7,
  nodes: [
    { id: "noise", type: "data/noise", params: { ...params.noise }, position: { x: 0, y: 0 } },
    { id: "follower", type: "train/follower", params: { ...params.follower }, position: { x: 300, y: 0 } },
  ],
  edges: [{ from: { node: "noise", socket: "value" }, to: { node: "follower", socket: "target" } }],
});
