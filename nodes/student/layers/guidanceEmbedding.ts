/** How a network is told the guidance scale w that its teacher was guided with (Luo et al. 2023, LCM; methods 1.10). */
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { concat, cos, mul, reshape, sin } from "@distillery/shared/onnx/ops";
import { linear } from "./linear";

/** Length of e(w) in the released scripts. */
const DIMENSIONS = 256;

/** e(w) = [sin(1000 w f_i), cos(1000 w f_i)], f_i = 10000^(-i / (h - 1)), i = 0..h-1, h half of the even `dimensions`: [B] -> [B, dimensions]. */
export function guidanceFeatures(w: Tensor, dimensions = DIMENSIONS): Tensor {
  const half = dimensions / 2;
  const frequencies = Array.from({ length: half }, (_, i) => 10_000 ** (-i / (half - 1)));
  const angles = mul(mul(reshape(w, [-1, 1]), 1000), w.graph.constant(frequencies, [1, half]));
  return concat([sin(angles), cos(angles)], { axis: 1 });
}

/**
 * A learned projection of e(w), to be added where the network takes in the time: [B] -> [B, outputs]. It begins at zero, so
 * a network that starts from its teacher's weights begins as the teacher.
 */
export const guidanceShift = (view: ParameterView, path: string, w: Tensor, outputs: number): Tensor =>
  linear(view, path, guidanceFeatures(w), outputs, { gain: 0, bias: false });
