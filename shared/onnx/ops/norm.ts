/** Normalisation layers. */
import { formatShape, type Tensor } from "../graph";
import { float, int, opError } from "./build";
import { add, mul } from "./elementwise";
import { reshape } from "./shape";
import { checkSpatial } from "./window";

/**
 * ONNX LayerNormalization over axes `axis` to the last (Ba et al. 2016).
 * x [..., normalised], scale and bias broadcast to the normalised axes -> shape of x.
 */
export function layerNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor | null = null,
  { axis = -1, epsilon = 1e-5 }: { axis?: number; epsilon?: number } = {},
): Tensor {
  const first = axis < 0 ? axis + x.rank : axis;
  const normalised = x.shape.slice(first);
  for (const [name, tensor] of [
    ["scale", scale],
    ["bias", bias],
  ] as const) {
    const fits = tensor === null || formatShape(tensor.shape) === formatShape(normalised);
    if (first >= 0 && first < x.rank && fits) continue;
    throw opError(
      x.graph,
      "LayerNormalization",
      `${name} must be ${formatShape(normalised)} to normalise axis ${axis} of ${formatShape(x.shape)}, got ${tensor === null ? "none" : formatShape(tensor.shape)}.`,
    );
  }
  return x.graph.add(
    "LayerNormalization",
    bias === null ? [x, scale] : [x, scale, bias],
    [{ dtype: x.dtype, shape: x.shape }],
    { axis: int(axis), epsilon: float(epsilon) },
  )[0]!;
}

/**
 * Group normalisation (Wu & He 2018). x [N, C, ...spatial], scale and bias [C] -> shape of x.
 *
 * Written as InstanceNormalization over the groups, as PyTorch exports it: ONNX Runtime has a kernel for that, and
 * expands GroupNormalization into a chain three times slower.
 */
export function groupNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  { numGroups, epsilon = 1e-5 }: { numGroups: number; epsilon?: number },
): Tensor {
  checkChannels("GroupNormalization", x, { scale, bias });
  if (!Number.isInteger(numGroups) || numGroups < 1 || x.shape[1]! % numGroups !== 0) {
    throw opError(x.graph, "GroupNormalization", `${x.shape[1]} channels cannot be split into ${numGroups} groups.`);
  }
  const groups = reshape(x, [x.shape[0]!, numGroups, -1]);
  const ones = x.graph.constant(new Array<number>(numGroups).fill(1), [numGroups]);
  const zeros = x.graph.constant(new Array<number>(numGroups).fill(0), [numGroups]);
  const normalised = reshape(instanceNormalization(groups, ones, zeros, { epsilon }), x.shape);
  const perChannel = [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
  return add(mul(normalised, reshape(scale, perChannel)), reshape(bias, perChannel));
}

/** ONNX InstanceNormalization: every channel of every sample by itself. x [N, C, ...spatial], scale and bias [C]. */
export function instanceNormalization(x: Tensor, scale: Tensor, bias: Tensor, { epsilon = 1e-5 } = {}): Tensor {
  checkSpatial("InstanceNormalization", x);
  checkChannels("InstanceNormalization", x, { scale, bias });
  return x.graph.add("InstanceNormalization", [x, scale, bias], [{ dtype: x.dtype, shape: x.shape }], {
    epsilon: float(epsilon),
  })[0]!;
}

/** ONNX BatchNormalization with stored statistics (inference form). x [N, C, ...], all others [C]. */
export function batchNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  mean: Tensor,
  variance: Tensor,
  { epsilon = 1e-5 } = {},
): Tensor {
  checkChannels("BatchNormalization", x, { scale, bias, mean, variance });
  return x.graph.add("BatchNormalization", [x, scale, bias, mean, variance], [{ dtype: x.dtype, shape: x.shape }], {
    epsilon: float(epsilon),
  })[0]!;
}

function checkChannels(op: string, x: Tensor, perChannel: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries(perChannel)) {
    if (x.rank >= 2 && tensor.rank === 1 && tensor.shape[0] === x.shape[1]) continue;
    throw opError(
      x.graph,
      op,
      `${name} must be [channels] for input ${formatShape(x.shape)} ([N, C, ...]), got ${formatShape(tensor.shape)}.`,
    );
  }
}
