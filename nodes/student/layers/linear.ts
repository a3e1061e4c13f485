import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { gemm } from "@distillery/shared/onnx/ops";
import { fanIn } from "./initialise";

/** x W^T + b: [N, in] -> [N, outputs]. `gain` scales the initial values (0: starts at zero); without `bias`, b = 0. */
export function linear(
  view: ParameterView,
  path: string,
  x: Tensor,
  outputs: number,
  { gain = 1, bias = true }: { gain?: number; bias?: boolean } = {},
): Tensor {
  const inputs = x.shape[1] as number;
  const weight = view(`${path}.weight`, { shape: [outputs, inputs], init: fanIn(inputs, gain) });
  const shift = bias ? view(`${path}.bias`, { shape: [outputs], init: fanIn(inputs, gain) }) : null;
  return gemm(x, weight, shift, { transB: true });
}
