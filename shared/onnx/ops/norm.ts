/** Normalisation layers. */
import { formatShape, type Tensor } from "../graph";
import { float, int, opError } from "./build";
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

/** ONNX GroupNormalization (Wu & He 2018). x [N, C, ...spatial], scale and bias [C] -> shape of x. */
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
  return x.graph.add("GroupNormalization", [x, scale, bias], [{ dtype: x.dtype, shape: x.shape }], {
    num_groups: int(numGroups),
    epsilon: float(epsilon),
  })[0]!;
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
