/** Classifier-free guidance (Ho & Salimans 2022) in the two forms of the literature (methods 1.9). */
import { call, type Expr, raised, row, type TermContext, word } from "@distillery/shared/graph/formula";
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, Prediction, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, expand, mul, type Operand, slice, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { evaluator } from "../model/evaluator";
import { perSample } from "../schedule/prediction";
import type { Predict } from "./solver";

export const GUIDANCE_FORMS = ["none", "lcm", "imagen", "embedded"] as const;
export type GuidanceForm = (typeof GUIDANCE_FORMS)[number];
export type GuidedForm = Exclude<GuidanceForm, "none">;

/** Parameters of a guided evaluation at a constant scale. */
export const guidanceParams = {
  guidance: z
    .enum(GUIDANCE_FORMS)
    .default("none")
    .meta({
      title: "Guidance",
      description:
        "lcm: p = c + w (c − u), 0 means none; imagen: p = u + g (c − u), 1 means none; g = w + 1. embedded: the network is told w " +
        "and runs once, if it was trained with it.",
    }),
  guidanceScale: z.number().min(-100).max(100).default(7.5).meta({
    title: "Guidance scale",
    description: "w or g; the lower end when drawn per sample.",
    step: 0.5,
  }),
};

/** The same, or a scale drawn anew for every sample and step, as the distillation scripts do. */
export const drawnGuidanceParams = {
  ...guidanceParams,
  guidanceDraw: z.enum(["constant", "uniform"]).default("constant").meta({
    title: "Scale is",
    description: "constant, or drawn uniformly per sample between the scale and its upper end.",
  }),
  guidanceScaleTo: z.number().min(-100).max(100).default(15).meta({
    title: "Scale, upper end",
    description: "Only when the scale is drawn: STD and MCM draw w from 5 to 15.",
    step: 0.5,
  }),
};

/** The scale in the Imagen form, in which 1 means none; samplers report this one, whatever form it was given in. */
export const imagenScale = (form: GuidedForm, scale: number): number => (form === "imagen" ? scale : scale + 1);

export interface Guidance {
  readonly guidance: GuidanceForm;
  /** A number, or a float32 scalar that is fed. */
  readonly guidanceScale: Operand;
  readonly guidanceDraw?: "constant" | "uniform";
  readonly guidanceScaleTo?: number;
}

/** The letter of the scale, by which formulas tell the two forms apart. */
export const scaleLetter = (form: GuidanceForm): string => (form === "imagen" ? "g" : "w");

/** The network as formulas write it: φ, or φ^w where it is guided; says what that and the scale stand for. */
export function guidedTerm(
  phi: Expr,
  { guidance, guidanceScale, guidanceDraw, guidanceScaleTo }: Guidance & { readonly guidanceScale: number },
  { define }: Pick<TermContext, "define">,
): Expr {
  const scale = scaleLetter(guidance);
  const isGuided = guidance === "lcm" || guidance === "imagen";
  const network = isGuided ? raised(phi, scale) : phi;
  if (isGuided) {
    const difference = row(" (", call(phi, "c"), " − ", call(phi, "∅"), ")");
    define(network, "=", row(call(phi, guidance === "lcm" ? "c" : "∅"), " + ", scale, difference));
  }
  if (guidance !== "none") {
    const isDrawn = guidanceDraw === "uniform";
    define(scale, isDrawn ? "∼" : "=", isDrawn ? word(`U[${guidanceScale}, ${guidanceScaleTo}]`) : guidanceScale);
  }
  return network;
}

/**
 * The guided network as one function of the state. The scale is drawn once: every evaluation of a step shares it.
 * A state of fewer rows than the batch is its head: the first rows of condition and scale belong to it.
 * Fails when guidance is asked for and there is no condition to leave out.
 */
export function guided(
  weights: WeightsValue,
  condition: ConditionValue | undefined,
  params: Guidance,
  context: StageContext,
): Predict {
  const predict = evaluator(weights, context);
  const { guidance: form } = params;
  if (form === "none") return (x) => predict(x, condition === undefined ? null : headOf(condition, x));
  if (form === "embedded") {
    requireEmbedding(weights, context);
    const told = toldScale(condition, form, drawScale(params, context), context);
    return (x) => predict(x, headOf(told, x));
  }
  if (condition === undefined || Object.keys(condition.tensors).length === 0) {
    context.fail(
      `guidance "${form}" compares the prediction with and without a condition, but ${condition === undefined ? "no condition is connected" : "the connected condition holds nothing"}. ` +
        "Connect one from a data set with classes, or set guidance to none.",
      "condition",
      "guidance-condition",
    );
  }
  const without: ConditionValue = { ...condition, tensors: condition.nullTensors };
  const scale = drawScale(params, context);
  return (x) => {
    const c = predict(x, headOf(condition, x));
    const u = predict(x, headOf(without, x));
    const w = typeof scale === "number" || scale.rank === 0 ? scale : perSample(head(scale, x), x.x);
    return combine(form, c, u, w);
  };
}

const head = (tensor: Tensor, { x }: StateValue): Tensor =>
  tensor.shape[0] === x.shape[0] ? tensor : slice(tensor, { starts: [0], ends: [x.shape[0] as number], axes: [0] });

function headOf(condition: ConditionValue, x: StateValue): ConditionValue {
  const each = (tensors: ConditionValue["tensors"]) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, head(tensor, x)]));
  const { guidanceScale: scale } = condition;
  return {
    ...condition,
    tensors: each(condition.tensors),
    nullTensors: each(condition.nullTensors),
    ...(scale && { guidanceScale: head(scale, x) }),
  };
}

/** The condition (or none) together with the scale as w of the LCM form, for a network that is told it. */
export function toldScale(
  condition: ConditionValue | undefined,
  form: GuidanceForm,
  scale: Operand,
  { graph, batch }: StageContext,
): ConditionValue {
  const offset = form === "imagen" ? 1 : 0;
  const perRow = (value: number) => graph.constant(Array<number>(batch).fill(value), [batch]);
  const w =
    form === "none"
      ? perRow(0)
      : typeof scale === "number"
        ? perRow(scale - offset)
        : expand(offset === 0 ? scale : sub(scale, offset), [batch]);
  return { ...(condition ?? { tensors: {}, nullTensors: {}, labels: {} }), guidanceScale: w };
}

function requireEmbedding({ title, guidanceEmbedding }: WeightsValue, context: StageContext): void {
  if (guidanceEmbedding === true) return;
  context.fail(
    `"${title}" was not made to be told a guidance scale. Choose another guidance, or turn on its guidance embedding and train with it.`,
    "weights",
    "guidance-embedding",
  );
}

/** The scale of a step: the constant, or one drawn per sample, [B]. */
export function drawScale({ guidanceDraw, guidanceScale, guidanceScaleTo }: Guidance, context: StageContext): Operand {
  if (guidanceDraw !== "uniform" || typeof guidanceScale !== "number") return guidanceScale;
  const highest = guidanceScaleTo ?? guidanceScale;
  if (highest < guidanceScale) {
    context.fail(
      `the guidance scale is drawn from ${guidanceScale} up to ${highest}, which is lower. Swap the two.`,
      undefined,
      "guidance-range",
    );
  }
  return context.random("guidanceScale", { kind: "uniform", low: guidanceScale, high: highest }, [context.batch]);
}

/** Guidance is linear, so it acts on predX0 and eps separately. */
export function combine(
  form: Exclude<GuidedForm, "embedded">,
  c: Prediction,
  u: Prediction,
  scale: Operand,
): Prediction {
  const mix = (conditional: Tensor, unconditional: Tensor) =>
    add(form === "lcm" ? conditional : unconditional, mul(sub(conditional, unconditional), scale));
  return { predX0: mix(c.predX0, u.predX0), eps: mix(c.eps, u.eps) };
}
