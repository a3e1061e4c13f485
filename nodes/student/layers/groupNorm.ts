import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { groupNormalization } from "@distillery/shared/onnx/ops";

/** The largest divisor of `channels` that is at most `wanted`, so that odd widths still work. */
export function groupsFor(channels: number, wanted: number): number {
  let groups = Math.min(wanted, channels);
  while (channels % groups !== 0) groups--;
  return groups;
}

/** Group normalisation with a learned scale and shift per channel: [B, C, ...] -> same shape. */
export function groupNorm(view: ParameterView, path: string, x: Tensor, groups: number): Tensor {
  const channels = x.shape[1] as number;
  const scale = view(`${path}.weight`, { shape: [channels], init: { kind: "ones" } });
  const bias = view(`${path}.bias`, { shape: [channels], init: { kind: "zeros" } });
  return groupNormalization(x, scale, bias, { numGroups: groupsFor(channels, groups) });
}
