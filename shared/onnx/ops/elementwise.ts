/** Element-by-element operators. Two operands broadcast as in numpy; numbers become scalar constants. */
import { type DType, GraphError, Tensor } from "../graph";
import { broadcastAll, emit, float, int, type Operand, operands, sameType, scalar, string } from "./build";

const unary =
  (op: string) =>
  /** Same shape and type as `x`. */
  (x: Tensor): Tensor =>
    emit(op, [x], x);

const binary =
  (op: string, compute?: (a: number, b: number) => number, identity?: { left?: number; right?: number }) =>
  (a: Operand, b: Operand): Tensor => {
    const [x, y] = operands(op, a, b);
    const shape = broadcastAll(op, [x, y]);
    const { graph, dtype } = x;
    const left = graph.scalarValue(x);
    const right = graph.scalarValue(y);
    // Scalar arithmetic and neutral elements cost nothing at run time.
    if (compute !== undefined && dtype === "float32") {
      if (left !== undefined && right !== undefined) {
        return graph.constant([compute(left, right)], shape);
      }
      if (right !== undefined && right === identity?.right && x.rank === shape.length) return x;
      if (left !== undefined && left === identity?.left && y.rank === shape.length) return y;
    }
    return emit(op, [x, y], { dtype, shape });
  };

const comparison =
  (op: string) =>
  /** bool tensor of the broadcast shape. */
  (a: Operand, b: Operand): Tensor => {
    const [x, y] = operands(op, a, b);
    return emit(op, [x, y], { dtype: "bool", shape: broadcastAll(op, [x, y]) });
  };

export const add = binary("Add", (a, b) => a + b, { left: 0, right: 0 });
export const sub = binary("Sub", (a, b) => a - b, { right: 0 });
export const mul = binary("Mul", (a, b) => a * b, { left: 1, right: 1 });
export const div = binary("Div", (a, b) => a / b, { right: 1 });
export const min = binary("Min");
export const max = binary("Max");
/** Remainder with the sign of the divisor; integer types only. */
export const mod = binary("Mod");

/** x ** exponent; the exponents 1 and 2 become x and x * x. */
export function pow(x: Operand, exponent: Operand): Tensor {
  if (x instanceof Tensor && exponent === 1) return x;
  if (x instanceof Tensor && exponent === 2) return square(x);
  const [base, power] = operands("Pow", x, exponent);
  return emit("Pow", [base, power], { dtype: base.dtype, shape: broadcastAll("Pow", [base, power]) });
}

export const square = (x: Tensor): Tensor => mul(x, x);
export const neg = (x: Tensor): Tensor => {
  const value = x.dtype === "float32" ? x.graph.scalarValue(x) : undefined;
  return value === undefined ? emit("Neg", [x], x) : x.graph.constant([-value], x.shape);
};
export const reciprocal = unary("Reciprocal");
export const sqrt = unary("Sqrt");
export const exp = unary("Exp");
/** Natural logarithm. */
export const log = unary("Log");
export const abs = unary("Abs");
export const sin = unary("Sin");
export const cos = unary("Cos");
export const tanh = unary("Tanh");
export const sigmoid = unary("Sigmoid");
export const erf = unary("Erf");
/** log(1 + exp(x)). */
export const softplus = unary("Softplus");
export const relu = unary("Relu");
export const sign = unary("Sign");
export const floor = unary("Floor");
export const ceil = unary("Ceil");
/** To the nearest integer, halves to even. */
export const round = unary("Round");
export const identity = unary("Identity");

/** max(0, min(1, alpha x + beta)) */
export const hardSigmoid = (x: Tensor, { alpha = 0.2, beta = 0.5 }: { alpha?: number; beta?: number } = {}): Tensor =>
  emit("HardSigmoid", [x], x, { alpha: float(alpha), beta: float(beta) });

/** x max(0, min(1, x / 6 + 1 / 2)) */
export const hardSwish = unary("HardSwish");

/** x for x >= 0, alpha * x below. */
export const leakyRelu = (x: Tensor, { alpha = 0.01 }: { alpha?: number } = {}): Tensor =>
  emit("LeakyRelu", [x], x, { alpha: float(alpha) });

/** Gaussian error linear unit, x * Phi(x) (Hendrycks & Gimpel 2016); "tanh" is the approximation of their section 2. */
export const gelu = (x: Tensor, { approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Tensor =>
  emit("Gelu", [x], x, { approximate: string(approximate) });

/** x * sigmoid(x) (SiLU, Swish). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** Limits x to [min, max]; either may be left out. A tensor limit must be a scalar. */
export function clip(x: Tensor, { min, max }: { min?: Operand; max?: Operand }): Tensor {
  const limit = (value: Operand | undefined): Tensor | null =>
    value === undefined ? null : value instanceof Tensor ? value : scalar(x.graph, value, x.dtype);
  const inputs = max === undefined ? [x, limit(min)] : [x, limit(min), limit(max)];
  return emit("Clip", inputs, x);
}

/** a where `condition` (bool) holds, b elsewhere; the three broadcast together. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  if (condition.dtype !== "bool") throw new GraphError(`Where: the condition ${condition} must be bool.`);
  let x: Tensor;
  let y: Tensor;
  if (a instanceof Tensor || b instanceof Tensor) [x, y] = operands("Where", a, b);
  else [x, y] = [scalar(condition.graph, a), scalar(condition.graph, b)];
  return emit("Where", [condition, x, y], { dtype: x.dtype, shape: broadcastAll("Where", [condition, x, y]) });
}

const ELEMENT_TYPE: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Converts the element type; x itself when it has that type already. */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : emit("Cast", [x], { dtype, shape: x.shape }, { to: int(ELEMENT_TYPE[dtype]) });

export const equal = comparison("Equal");
export const less = comparison("Less");
export const lessOrEqual = comparison("LessOrEqual");
export const greater = comparison("Greater");
export const greaterOrEqual = comparison("GreaterOrEqual");

const logical =
  (op: string) =>
  /** Both bool, broadcast. */
  (a: Tensor, b: Tensor): Tensor => {
    sameType(op, [a, b]);
    return emit(op, [a, b], { dtype: "bool", shape: broadcastAll(op, [a, b]) });
  };

export const and = logical("And");
export const or = logical("Or");
export const xor = logical("Xor");
export const not = unary("Not");

/** bool: which elements are NaN. */
export const isNan = (x: Tensor): Tensor => emit("IsNaN", [x], { dtype: "bool", shape: x.shape });

/** Dropout as it acts at inference: x itself. `ratio` is kept in the file for tools that train it elsewhere. */
export const dropout = (x: Tensor, { ratio = 0.5 }: { ratio?: number } = {}): Tensor =>
  emit("Dropout", [x, scalar(x.graph, ratio)], x);
