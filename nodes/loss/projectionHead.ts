import type { Initialiser, ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, gelu, gemm, mul, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { normalised } from "./normalised";

export interface HeadShape {
  readonly prototypes: number;
  readonly hidden: number;
  readonly bottleneck: number;
}

const weights: Initialiser = { kind: "normal", std: 0.02 };

/**
 * DINO's head: three linear layers with GELU between, the result on the unit sphere, then its cosine with every prototype
 * (a weight-normalised linear layer whose gains stay 1). [N, D] -> [N, prototypes].
 *
 * Read through the encoder's own view, so that its trainer, averages and checkpoints take the head along.
 * @param gate float32 scalar: 0 keeps the prototypes as they are
 */
export function projectionHead(
  view: ParameterView,
  embedding: Tensor,
  { prototypes, hidden, bottleneck }: HeadShape,
  gate?: Tensor,
): Tensor {
  const layer = (index: number, x: Tensor, outputs: number) =>
    gemm(
      x,
      view(`dino.mlp.${index}.weight`, { shape: [outputs, x.shape[1] as number], init: weights }),
      view(`dino.mlp.${index}.bias`, { shape: [outputs], init: { kind: "zeros" } }),
      { transB: true },
    );
  const first = gelu(layer(0, embedding, hidden));
  const second = gelu(layer(1, first, hidden));
  const onSphere = normalised(layer(2, second, bottleneck));
  const raw = view("dino.prototypes", { shape: [prototypes, bottleneck], init: weights });
  const fixed = stopGradient(raw);
  const directions = normalised(gate === undefined ? raw : add(fixed, mul(gate, sub(raw, fixed))));
  return gemm(onSphere, directions, null, { transB: true });
}
