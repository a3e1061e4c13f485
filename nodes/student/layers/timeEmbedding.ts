/** How a network is told the time and the labels. */
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, cos, gather, mul, reshape, silu, sin } from "@distillery/shared/onnx/ops";
import { guidanceShift } from "./guidanceEmbedding";
import { linear } from "./linear";

/** Sinusoidal features of raw timesteps (Vaswani et al. 2017; Ho et al. 2020): [B] -> [B, dimensions]. */
export function sinusoidal(t: Tensor, dimensions: number): Tensor {
  const half = dimensions / 2;
  const frequencies = Array.from({ length: half }, (_, i) => 10_000 ** (-i / half));
  const angles = mul(reshape(t, [-1, 1]), t.graph.constant(frequencies, [1, half]));
  return concat([cos(angles), sin(angles)], { axis: 1 });
}

/** r and its Fourier features sin, cos(pi 2^k r), k = 0..octaves-1, of a time in [0, 1]: [B] -> [B, 2 octaves + 1]. */
export function fourier(r: Tensor, octaves: number): Tensor {
  const column = reshape(r, [-1, 1]);
  if (octaves === 0) return column;
  const frequencies = Array.from({ length: octaves }, (_, k) => Math.PI * 2 ** k);
  const angles = mul(column, r.graph.constant(frequencies, [1, octaves]));
  return concat([column, sin(angles), cos(angles)], { axis: 1 });
}

/** Learned row per value of a label; index `count` is the unknown one. [B] int64 -> [B, dimensions]. */
export function labelEmbedding(
  view: ParameterView,
  path: string,
  { index, count }: { index: Tensor; count: number },
  dimensions: number,
): Tensor {
  return gather(view(`${path}.weight`, { shape: [count + 1, dimensions], init: { kind: "normal", std: 1 } }), index);
}

/** Time (raw timesteps [B]), guidance scale (if told) and labels to one vector per sample, [B, dimensions]. */
export function timeAndLabelEmbedding(
  view: ParameterView,
  path: string,
  t: Tensor,
  {
    labels,
    guidanceScale,
  }: { labels: readonly { name: string; index: Tensor; count: number }[]; guidanceScale: Tensor | null },
  { features, dimensions }: { features: number; dimensions: number },
): Tensor {
  const time0 = sinusoidal(t, features);
  const told =
    guidanceScale === null ? time0 : add(time0, guidanceShift(view, `${path}.guidance`, guidanceScale, features));
  const hidden = silu(linear(view, `${path}.time.0`, told, dimensions));
  const time = linear(view, `${path}.time.1`, hidden, dimensions);
  return labels.reduce(
    (sum, label) => add(sum, labelEmbedding(view, `${path}.${label.name}`, label, dimensions)),
    time,
  );
}
