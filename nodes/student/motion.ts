import { expr, row, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { NodeHook, Tensor } from "@distillery/shared/onnx/graph";
import { add, stopGradient } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { predictorOf } from "../model/evaluator";
import { predictFrames, requireClips } from "../model/frames";
import { STAND_IN } from "../model/standIn";
import { motionModule } from "./layers/temporal";
import { initFromParam, ownParameters } from "./network";

/** Names of the modules' parameters begin so; everything else belongs to the image network. */
const PREFIX = "motion.";

/**
 * Motion modules in an image network (Guo et al. 2024): after each of its residual sums [B F, C, H, W] layers along the frames
 * are put in. Works on networks of the graph and on imported files alike, for the sums are found in their operations.
 */
export const motion = defineNode({
  type: "student/motion",
  version: 1,
  title: "Motion modules",
  family: "student",
  help:
    "Makes an image network one of clips whose frames see each other: temporal convolution and attention after each residual block. Only " +
    "these modules are trained; the network itself stays as it is, and at first the result is the network applied frame by frame.",
  formula: "h ← h + conv_F(h);  h ← h + attention_F(h),  both zero at the start",
  source: "Guo et al. 2024 (AnimateDiff); Wang et al. 2023 (ModelScope); methods.md 4.7",
  inputs: { weights: wire.weights.describe("A network that denoises pictures; it is not changed.") },
  outputs: { weights: wire.weights },
  params: z.object({
    heads: z.number().int().min(1).max(16).default(4).meta({ title: "Heads", description: "Of the attention." }),
    groups: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(8)
      .meta({ title: "Groups", description: "Of the convolution's normalisation.", advanced: true }),
    smallest: z.number().int().min(1).max(4096).default(1).meta({
      title: "Not below",
      description: "Only after sums at least this wide; 1 puts modules after all of them.",
      unit: "px",
      advanced: true,
    }),
    initFrom: initFromParam,
  }),
  terms(inputs, _params, { name, define, isTrained }) {
    const theta = name(isTrained("weights") ? "θ" : "φ");
    define(theta, "=", row(inputs.get("weights")?.expr ?? "φ", word(" with motion modules")));
    return { weights: { expr: expr(theta) } };
  },
  emit({ weights }, { heads, groups, smallest, initFrom }, context) {
    const predict = predictorOf(weights, context);
    const own = ownParameters(initFrom, context);
    const frozen: ParameterView = (path, spec) => {
      const parameter = weights.parameters(path, spec);
      return weights.trainable ? stopGradient(parameter) : parameter;
    };
    const parameters: ParameterView = (path, spec) => {
      // Where a file cannot be imported, its stand-in takes the place of the modules, too.
      if (path === STAND_IN) return add(frozen(path, spec), own(path, spec));
      return (path.startsWith(PREFIX) ? own : frozen)(path, spec);
    };
    const { sampleShape } = weights;
    return {
      weights: {
        owner: context.nodeId,
        title: context.title,
        trainable: true,
        ...(weights.guidanceEmbedding === undefined ? {} : { guidanceEmbedding: weights.guidanceEmbedding }),
        sampleShape: sampleShape?.length === 4 ? sampleShape : null,
        parameters,
        predict(x, condition, view = parameters) {
          requireClips(x.x, context, "weights", 2);
          const frames = x.x.shape[1] as number;
          let count = 0;
          let isStandIn = false;
          const read: ParameterView = (path, spec) => {
            isStandIn ||= path === STAND_IN;
            return view(path, spec);
          };
          const insert = (h: Tensor): Tensor => {
            const channels = h.shape[1] as number;
            if (channels % heads !== 0)
              context.fail(`${heads} heads do not divide the ${channels} channels of a residual sum; take fewer.`);
            return motionModule(view, `${PREFIX}${count++}`, h, { frames, heads, groups });
          };
          const prediction = x.x.graph.intercept(residualSums(x.x, frames, smallest, insert), () =>
            sampleShape?.length === 4
              ? predict(x, condition, read)
              : predictFrames((folded, labels) => predict(folded, labels, read), x, condition),
          );
          if (count === 0 && !isStandIn) {
            context.fail(
              `"${weights.title}" has no residual sums of pictures of ${smallest} px or more to put modules after.`,
              "weights",
              "no-target",
            );
          }
          return prediction;
        },
      },
    };
  },
});

/**
 * Puts `insert` after each sum of two values that both come from the state and have one shape [B F, C, H, W]: the end of a
 * residual block. A sum with as many channels as the state itself is its output, no block.
 */
function residualSums(state: Tensor, frames: number, smallest: number, insert: (h: Tensor) => Tensor): NodeHook {
  const [batch = 1, , channels] = state.shape;
  const reached = new Set([state.name]);
  return (node, results) => {
    if (!node.inputs.some((name) => reached.has(name))) return results;
    for (const { name } of results) reached.add(name);
    const [sum] = results;
    const isBlock =
      node.op === "Add" &&
      sum?.rank === 4 &&
      sum.shape[0] === batch * frames &&
      sum.shape[1] !== channels &&
      (sum.shape[3] as number) >= smallest &&
      node.inputs.every((name) => reached.has(name) && state.graph.value(name).shape.join() === sum.shape.join());
    if (!isBlock) return results;
    const moved = insert(sum);
    reached.add(moved.name);
    return [moved];
  };
}
