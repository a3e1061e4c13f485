import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { layerNormalization } from "@distillery/shared/onnx/ops";

/** Layer normalisation over the last axis (Ba et al. 2016) with vision transformers' epsilon: [..., C] -> same shape. */
export function layerNorm(view: ParameterView, path: string, x: Tensor): Tensor {
  const channels = x.shape.at(-1) as number;
  const scale = view(`${path}.weight`, { shape: [channels], init: { kind: "ones" } });
  const bias = view(`${path}.bias`, { shape: [channels], init: { kind: "zeros" } });
  return layerNormalization(x, scale, bias, { epsilon: 1e-6 });
}
