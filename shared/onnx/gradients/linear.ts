/** Rules of the matrix products. */
import type { Tensor } from "../graph";
import { einsum, gemm, matMul, mul, reshape, transpose, unsqueeze } from "../ops";
import { parseEinsum } from "../ops/einsum";
import { floatAttribute, intAttribute, stringAttribute } from "./attributes";
import type { GradientRule, RuleTable } from "./rule";
import { sumTo } from "./sumTo";

const lastTwoSwapped = (x: Tensor): Tensor =>
  transpose(
    x,
    x.shape.map((_, i) => (i < x.rank - 2 ? i : 2 * x.rank - 3 - i)),
  );

/** All axes but the last as rows. */
const rows = (x: Tensor): Tensor => reshape(x, [-1, x.shape.at(-1)!]);

/** dA = G B', dB = A' G; a rank-2 B sees the batch as more rows, so one Gemm does each (twice as fast as batches). */
const matMulRule: GradientRule = ({ inputs, outputs, grads, needs }) => {
  const [first, second] = inputs as [Tensor, Tensor];
  const a = first.rank === 1 ? reshape(first, [1, first.size]) : first;
  const b = second.rank === 1 ? reshape(second, [second.size, 1]) : second;
  const batch = outputs[0]!.shape.slice(0, outputs[0]!.rank - Number(first.rank > 1) - Number(second.rank > 1));
  const g = reshape(grads[0]!, [...batch, a.shape.at(-2)!, b.shape.at(-1)!]);
  if (b.rank === 2) {
    return [
      needs[0] ? reshape(gemm(rows(g), b, null, { transB: true }), first.shape) : null,
      needs[1] ? reshape(gemm(rows(a), rows(g), null, { transA: true }), second.shape) : null,
    ];
  }
  const side = (product: Tensor, promoted: Tensor, input: Tensor) =>
    reshape(toShape(sumTo(product, product.shape, promoted.shape), promoted.shape), input.shape);
  return [
    needs[0] ? side(matMul(g, lastTwoSwapped(b)), a, first) : null,
    needs[1] ? side(matMul(lastTwoSwapped(a), g), b, second) : null,
  ];
};

/** `sumTo` of a full gradient is full, up to leading axes of size 1. */
const toShape = (x: Tensor, shape: readonly number[]): Tensor => reshape(x, shape);

const gemmRule: GradientRule = ({ node, inputs, grads, needs }) => {
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor | null | undefined];
  const g = grads[0]!;
  const alpha = floatAttribute(node, "alpha", 1);
  const beta = floatAttribute(node, "beta", 1);
  const transA = intAttribute(node, "transA", 0) === 1;
  const transB = intAttribute(node, "transB", 0) === 1;
  const left = () =>
    transA ? gemm(b, g, null, { alpha, transA: transB, transB: true }) : gemm(g, b, null, { alpha, transB: !transB });
  const right = () =>
    transB ? gemm(g, a, null, { alpha, transA: true, transB: transA }) : gemm(a, g, null, { alpha, transA: !transA });
  return [
    needs[0] ? left() : null,
    needs[1] ? right() : null,
    needs[2] && c ? mul(sumTo(g, g.shape, c.shape), beta) : null,
  ].slice(0, inputs.length);
};

/** The gradient of one operand is an einsum of the output's gradient with all the others. */
const einsumRule: GradientRule = ({ node, inputs, grads, needs }) => {
  const tensors = inputs as Tensor[];
  const { operands, output } = parseEinsum(stringAttribute(node, "equation", ""), tensors);
  return tensors.map((_, i) => {
    if (!needs[i]) return null;
    const others = tensors.filter((_, j) => j !== i);
    const labels = [output, ...operands.filter((_, j) => j !== i)];
    const known = operands[i]!.filter((label) => labels.some((list) => list.includes(label)));
    const equation = `${labels.map((list) => list.join("")).join(",")}->${known.join("")}`;
    const product = einsum(equation, grads[0]!, ...others);
    // A label that only this operand has was summed away: its gradient is the same all along that axis.
    const summed = operands[i]!.flatMap((label, axis) => (known.includes(label) ? [] : [axis]));
    return summed.length === 0 ? product : unsqueeze(product, summed);
  });
};

export const linear: RuleTable = { MatMul: matMulRule, Gemm: gemmRule, Einsum: einsumRule };
