import type { StageContext } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { div, matMul, max, reduceL2, reshape, stopGradient, transpose } from "@distillery/shared/onnx/ops";
import { fanIn } from "../../student/layers/initialise";

/**
 * A convolution's weight [out, in, ...kernel] divided by its largest singular value as a matrix [out, in * kernel], so
 * that the layer cannot stretch its input (Miyato et al. 2018, algorithm 1). The singular vectors are found by one round
 * of power iteration in each training step and held constant by the gradient, as `torch.nn.utils.spectral_norm` does.
 */
export function spectralWeight(
  view: ParameterView,
  path: string,
  shape: readonly number[],
  context: StageContext,
): Tensor {
  const [rows = 1, ...rest] = shape;
  const columns = rest.reduce((product, d) => product * d, 1);
  const weight = view(`${path}.weight`, { shape, init: fanIn(columns) });
  const matrix = reshape(weight, [rows, columns]);
  const fixed = stopGradient(matrix);
  const init = { kind: "normal", std: 1 } as const;
  const before = context.variable(`${path}.u`, { shape: [rows, 1], init, role: "slot" });
  const v = unit(matMul(transpose(fixed), before));
  const u = unit(matMul(fixed, v));
  if (context.kind === "train") context.assign(`${path}.u`, u);
  const sigma = matMul(transpose(u), matMul(matrix, v));
  return div(weight, reshape(sigma, []));
}

const unit = (x: Tensor): Tensor => div(x, max(reduceL2(x), 1e-12));
