/**
 * Rules of the element-by-element operators.
 *
 * All of them take and return lazy gradients (see `sumTo`): a gradient may keep size 1 where it is the same along an
 * axis, so a mean over a batch never has to be spread out before it meets a full tensor.
 */
import { GraphError, type Tensor } from "../graph";
import * as op from "../ops";
import { floatAttribute, stringAttribute } from "./attributes";
import type { GradientRule, RuleContext, RuleTable } from "./rule";
import { sumTo } from "./sumTo";

type Unary = (g: Tensor, x: Tensor, out: Tensor, context: RuleContext) => Tensor | null;

/** A rule of one input: its gradient from the output's gradient, the input and the output. */
const unary =
  (rule: Unary): GradientRule =>
  (context) => [rule(context.grads[0]!, context.inputs[0]!, context.outputs[0]!, context)];

type Binary = (g: Tensor, a: Tensor, b: Tensor, out: Tensor, context: RuleContext) => Tensor;

/** A rule of two broadcast inputs, each side given before summing over the broadcast axes. */
const binary =
  (left: Binary, right: Binary): GradientRule =>
  (context) => {
    const [a, b] = context.inputs as [Tensor, Tensor];
    const out = context.outputs[0]!;
    const side = (rule: Binary, input: Tensor, needed: boolean | undefined) =>
      needed ? sumTo(rule(context.grads[0]!, a, b, out, context), out.shape, input.shape) : null;
    return [side(left, a, context.needs[0]), side(right, b, context.needs[1])];
  };

const zero: GradientRule = ({ inputs }) => inputs.map(() => null);

const mulBinary = binary(
  (g, _a, b) => op.mul(g, b),
  (g, a) => op.mul(g, a),
);

/** Products that occur as a pattern take fewer passes over memory: x * x, and x * sigmoid(x) (SiLU). */
const mulRule: GradientRule = (context) => {
  const [a, b] = context.inputs as [Tensor, Tensor];
  const [g] = context.grads as [Tensor];
  if (a === b) return [op.mul(op.mul(g, 2), a), null];
  const silu = (s: Tensor, x: Tensor) => isSigmoidOf(s, x) && !context.wanted.has(s.name);
  if (silu(b, a) && context.needs[0]) return [siluGradient(g, b, context.outputs[0]!), null];
  if (silu(a, b) && context.needs[1]) return [null, siluGradient(g, a, context.outputs[0]!)];
  return mulBinary(context);
};

function isSigmoidOf(s: Tensor, x: Tensor): boolean {
  const producer = s.graph.producer(s);
  return producer?.op === "Sigmoid" && producer.domain === "" && producer.inputs[0] === x.name;
}

/** d(x s)/dx = s + x s (1 - s); the whole derivative, so that the sigmoid takes none from this product. */
const siluGradient = (g: Tensor, s: Tensor, out: Tensor): Tensor => op.mul(g, op.add(s, op.mul(out, op.sub(1, s))));

/** The number of a one-element constant, whether made here or read from a file. */
function numberOf(tensor: Tensor): number | undefined {
  if (tensor.size !== 1) return undefined;
  const value = tensor.graph.initializers.get(tensor.name)?.load()[0];
  return value === undefined ? undefined : Number(value);
}

const powBase: Binary = (g, x, exponent, out, { needs }) => {
  const p = needs[1] ? undefined : numberOf(exponent);
  if (p === 2) return op.mul(op.mul(g, 2), x);
  if (p === 3) return op.mul(op.mul(g, 3), op.mul(x, x));
  if (p === 0.5) return op.div(op.mul(g, 0.5), out);
  const power = op.cast(exponent, x.dtype);
  return op.mul(g, op.mul(power, op.pow(x, op.sub(power, 1))));
};

/** out * log(x), and 0 where x is not positive (as PyTorch at 0; no real derivative below). */
const powExponent: Binary = (g, x, _p, out) => op.mul(g, op.mul(out, op.log(op.where(op.greater(x, 0), x, 1))));

function geluSlope(x: Tensor, approximate: string): Tensor {
  if (approximate === "tanh") {
    const c = Math.sqrt(2 / Math.PI);
    const xx = op.mul(x, x);
    const t = op.tanh(op.mul(x, op.add(op.mul(xx, c * 0.044715), c)));
    const inner = op.add(op.mul(xx, 3 * c * 0.044715), c);
    const slope = op.mul(op.mul(x, op.sub(1, op.mul(t, t))), inner);
    return op.mul(op.add(op.add(slope, t), 1), 0.5);
  }
  const density = op.mul(op.exp(op.mul(op.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  const cumulative = op.mul(op.add(op.erf(op.mul(x, Math.SQRT1_2)), 1), 0.5);
  return op.add(cumulative, op.mul(x, density));
}

/** -1, 0 or 1 (below 1e-30: x * 1e30). Not Sign, which the WebGPU provider lacks and the CPU provider runs slowly. */
const signOf = (x: Tensor): Tensor =>
  op.stopGradient(op.clip(op.mul(x, x.dtype === "float16" ? 6e4 : 1e30), { min: -1, max: 1 }));

/** Limits pass no gradient; x passes it where it was not cut, the ends included (as PyTorch's clamp). */
const clip: GradientRule = ({ inputs, outputs, grads, needs }) => {
  const [x, low, high] = inputs;
  const [out] = outputs as [Tensor];
  const g = grads[0]!;
  const where = (condition: Tensor) => op.where(condition, g, 0);
  return [
    needs[0] ? where(op.equal(x!, out)) : null,
    needs[1] ? sumTo(where(op.less(x!, low!)), out.shape, low!.shape) : null,
    needs[2] ? sumTo(where(op.greater(x!, high!)), out.shape, high!.shape) : null,
  ].slice(0, inputs.length);
};

/** Min and Max of any number of inputs: the first that attains the extreme takes the gradient. */
const extreme: GradientRule = ({ inputs, outputs, grads, needs }) => {
  const [out] = outputs as [Tensor];
  let rest = grads[0]!;
  return inputs.map((input, i) => {
    const x = input!;
    let mine = rest;
    if (i < inputs.length - 1) {
      const taken = op.equal(x, out);
      mine = needs[i] ? op.where(taken, rest, 0) : rest;
      rest = op.where(taken, 0, rest);
    }
    return needs[i] ? sumTo(mine, out.shape, x.shape) : null;
  });
};

const where: GradientRule = ({ inputs, outputs, grads, needs }) => {
  const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
  const shape = outputs[0]!.shape;
  const g = grads[0]!;
  return [
    null,
    needs[1] ? sumTo(op.where(condition, g, 0), shape, a.shape) : null,
    needs[2] ? sumTo(op.where(condition, 0, g), shape, b.shape) : null,
  ];
};

const dropout: GradientRule = ({ graph, node, inputs, grads }) => {
  const training = inputs[2] ? graph.initializers.get(inputs[2].name)?.load()[0] : 0;
  if (training === undefined || Number(training) !== 0) {
    throw new GraphError(
      `grad: Dropout node "${node.name}" is in training mode; only the inference form has a gradient.`,
    );
  }
  return inputs.map((_, i) => (i === 0 ? grads[0]! : null));
};

export const elementwise: RuleTable = {
  Add: binary(
    (g) => g,
    (g) => g,
  ),
  Sub: binary(
    (g) => g,
    (g) => op.neg(g),
  ),
  Mul: mulRule,
  Div: binary(
    (g, _a, b) => op.div(g, b),
    (g, _a, b, out) => op.neg(op.mul(op.div(g, b), out)),
  ),
  Sum: ({ inputs, outputs, grads, needs }) =>
    inputs.map((x, i) => (needs[i] ? sumTo(grads[0]!, outputs[0]!.shape, x!.shape) : null)),
  Pow: binary(powBase, powExponent),
  Min: extreme,
  Max: extreme,
  Where: where,
  Clip: clip,
  Neg: unary((g) => op.neg(g)),
  Reciprocal: unary((g, _x, out) => op.neg(op.mul(g, op.mul(out, out)))),
  Sqrt: unary((g, _x, out) => op.div(op.mul(g, 0.5), out)),
  Exp: unary((g, _x, out) => op.mul(g, out)),
  Log: unary((g, x) => op.div(g, x)),
  Abs: unary((g, x) => op.mul(g, signOf(x))),
  Sin: unary((g, x) => op.mul(g, op.cos(x))),
  Cos: unary((g, x) => op.neg(op.mul(g, op.sin(x)))),
  Tanh: unary((g, _x, out) => op.mul(g, op.sub(1, op.mul(out, out)))),
  Sigmoid: unary((g, _x, out) => op.mul(g, op.mul(out, op.sub(1, out)))),
  Erf: unary((g, x) => op.mul(g, op.mul(op.exp(op.neg(op.mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  Softplus: unary((g, x) => op.mul(g, op.sigmoid(x))),
  // A product with the cast mask is a third faster on the CPU than Where.
  Relu: unary((g, x) => op.mul(g, op.cast(op.greater(x, 0), x.dtype))),
  LeakyRelu: unary((g, x, _out, { node }) =>
    op.where(op.greater(x, 0), g, op.mul(g, floatAttribute(node, "alpha", 0.01))),
  ),
  HardSigmoid: unary((g, _x, out, { node }) => {
    const isSloping = op.and(op.greater(out, 0), op.less(out, 1));
    return op.where(isSloping, op.mul(g, floatAttribute(node, "alpha", 0.2)), 0);
  }),
  HardSwish: unary((g, x) => {
    const slope = op.add(op.mul(x, 1 / 3), 0.5);
    return op.mul(g, op.where(op.greater(x, 3), 1, op.where(op.less(x, -3), 0, slope)));
  }),
  Gelu: unary((g, x, _out, { node }) => op.mul(g, geluSlope(x, stringAttribute(node, "approximate", "none")))),
  Cast: unary((g, x) => op.cast(g, x.dtype)),
  Identity: unary((g) => g),
  Dropout: dropout,
  Sign: zero,
  Floor: zero,
  Ceil: zero,
  Round: zero,
};
