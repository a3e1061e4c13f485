import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, mul, reduceSum, sqrt } from "@distillery/shared/onnx/ops";

/** Rows scaled to Euclidean length 1 (of zero length: left near zero). [B, D] -> same shape. */
export const normalised = (x: Tensor): Tensor => div(x, sqrt(add(reduceSum(mul(x, x), { axes: [1] }), 1e-12)));
