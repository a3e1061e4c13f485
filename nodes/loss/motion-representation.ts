import { call, expr, raised, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { mul, slice, sub } from "@distillery/shared/onnx/ops";
import { ema } from "@distillery/shared/onnx/optimisers";
import { z } from "zod";
import { requireClips } from "../model/frames";
import { globalCorrelation, localCorrelation, RADIUS } from "./motion/correlation";
import { highFrequencies, lowFrequencies } from "./motion/frequencies";
import { motionHead } from "./motion/head";

/** Of the head whose representation the target is seen in. */
const AVERAGE = "average.";
const HEADS = { learn: { layers: 2, kernel: 1 }, hlearn: { layers: 5, kernel: 3 } } as const;

const params = z.object({
  representation: z
    .enum(["raw", "diff", "freql", "freqh", "learn", "hlearn", "lcor", "gcor", "sgcor"])
    .default("learn")
    .meta({
      title: "Representation",
      description:
        "raw: the clips themselves; diff: frame differences; freql, freqh: slow or fast parts; learn, hlearn: a small or larger " +
        "trained head; lcor, gcor, sgcor: how neighbouring frames match, nearby or everywhere.",
    }),
  width: z.number().int().min(1).max(1024).default(64).meta({
    title: "Width",
    description: "Only for learned heads: channels inside.",
    advanced: true,
  }),
  decay: z.number().min(0).max(0.999999).default(0.95).meta({
    title: "Decay",
    description: "Only for learned heads: memory of the moving average that the target is seen through.",
    step: 0.01,
    advanced: true,
  }),
});

/** What T takes of a clip y, in words. */
const SAID = {
  diff: "y_{f+1} − y_f",
  freql: "low frequencies of y",
  freqh: "high frequencies of y",
  learn: "a trained head of y",
  hlearn: "a trained head of y",
  lcor: "⟨y_f(p), y_{f+1}(q)⟩ / √C, q near p",
  gcor: "⟨y_f(p), y_{f+1}(q)⟩ / √C",
  sgcor: "⟨y_f(p), y_{f+1}(q)⟩ / √C",
} as const;

/** What of a clip is its motion (methods 4.7): the distance between student and target is taken of these alone. */
export const motionRepresentation = defineNode({
  type: "loss/motion-representation",
  version: 1,
  title: "Motion representation",
  family: "loss",
  help:
    "Reduces the student's and the target's clips to their motion before they are compared, so that their looks may come from elsewhere: " +
    "a discriminator of single frames. Wire both on to a consistency distance. A learned head is trained with the student: give its weights " +
    "a trainer of their own with the same loss; the target is seen through a moving average of it.",
  formula:
    "L = d(T(y), T⁻(ŷ)),  T one of: y, y_{f+1} − y_f, low or high frequencies, head(y), ⟨y_f(p), y_{f+1}(q)⟩ / √C",
  source: "Zhai et al. 2024, Motion consistency model (MCM); Wu et al. 2024, FreeInit (filter)",
  inputs: {
    student: wire.state,
    target: wire.state.describe("At the student's time; seen through the average of a learned head."),
  },
  outputs: {
    student: wire.state,
    target: wire.state,
    weights: wire.weights.optional().describe("The head, to be trained; only learn and hlearn have one."),
  },
  params,
  terms(inputs, { representation }, { define }) {
    const [student, target] = [inputs.get("student"), inputs.get("target")];
    if (representation === "raw") return { student, target };
    const isLearned = representation === "learn" || representation === "hlearn";
    define(call("T", "y"), "=", word(SAID[representation]));
    return {
      student: student && { ...student, expr: call("T", student.expr) },
      target: target && { ...target, expr: call(isLearned ? raised("T", "−") : "T", target.expr) },
      weights: { expr: expr("T") },
    };
  },
  emit({ student, target }, { representation, width }, context) {
    requireClips(student.x, context, "student", 2);
    requireClips(target.x, context, "target", 2);
    const both = (see: (clips: Tensor) => Tensor, seeTarget = see) => ({
      student: { ...student, x: see(student.x) },
      target: { ...target, x: seeTarget(target.x) },
    });
    if (representation !== "learn" && representation !== "hlearn") {
      return { ...both(REPRESENTATIONS[representation]), weights: undefined };
    }
    const options = { ...HEADS[representation], width };
    const parameters: ParameterView = (path, spec) => context.variable(path, { ...spec, role: "parameter" });
    const average: ParameterView = (path, { shape }) => {
      const init = { kind: "copy", owner: context.nodeId, path } as const;
      return context.variable(`${AVERAGE}${path}`, { shape, init, role: "average" });
    };
    return {
      ...both(
        (clips) => motionHead(parameters, clips, options),
        (clips) => motionHead(average, clips, options),
      ),
      weights: { owner: context.nodeId, title: context.title, trainable: true, sampleShape: null, parameters },
    };
  },
  absorb(_inputs, { decay }, context) {
    if (context.kind !== "train") return;
    const own = [...context.parametersOf(context.nodeId)];
    if (own.length > 0 && own.every(([path, parameter]) => context.next(path) === parameter)) {
      context.warn(
        "its head is not trained, so it stays what it is at first, the clips themselves. Give its weights a trainer with the same loss.",
        undefined,
        "untrained-head",
      );
    }
    for (const [path, { shape }] of own) {
      const init = { kind: "copy", owner: context.nodeId, path } as const;
      const old = context.variable(`${AVERAGE}${path}`, { shape, init, role: "average" });
      context.assign(`${AVERAGE}${path}`, ema(old, context.next(path), decay));
    }
  },
});

const REPRESENTATIONS = {
  raw: (clips: Tensor) => clips,
  diff: differences,
  freql: lowFrequencies,
  freqh: highFrequencies,
  lcor: (clips: Tensor) => localCorrelation(clips, RADIUS),
  gcor: globalCorrelation,
  sgcor: (clips: Tensor) => mul(globalCorrelation(clips), Math.sqrt(clips.shape[3] as number)),
} as const;

/** y_{f+1} - y_f: [B, F, ...] -> [B, F - 1, ...] */
function differences(clips: Tensor): Tensor {
  const frames = clips.shape[1] as number;
  const part = (from: number) => slice(clips, { starts: [from], ends: [from + frames - 1], axes: [1] });
  return sub(part(1), part(0));
}
