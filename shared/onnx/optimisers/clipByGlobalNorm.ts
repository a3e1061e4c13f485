import type { Tensor } from "../graph";
import { add, div, min, mul, reduceSumSquare, sqrt, square } from "../ops";

/**
 * Scales all gradients together so that their joint Euclidean norm is at most `maxNorm` (Pascanu et al. 2013), as
 * PyTorch's clip_grad_norm_. `norm` is the scalar norm before clipping; `maxNorm` Infinity only measures it.
 */
export function clipByGlobalNorm(grads: readonly Tensor[], maxNorm: number): { grads: Tensor[]; norm: Tensor } {
  if (grads.length === 0 || !(maxNorm > 0)) {
    throw new RangeError(`clipByGlobalNorm needs gradients and a positive norm, got ${grads.length} and ${maxNorm}.`);
  }
  const squares = grads.map((g) => (g.rank === 0 ? square(g) : reduceSumSquare(g, { keepdims: false })));
  const norm = sqrt(squares.reduce((a, b) => add(a, b)));
  if (maxNorm === Number.POSITIVE_INFINITY) return { grads: [...grads], norm };
  const scale = min(div(maxNorm, add(norm, 1e-6)), 1);
  return { grads: grads.map((g) => mul(g, scale)), norm };
}
