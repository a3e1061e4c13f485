/** Clips [B, F, ...] as the batch of their frames [B F, ...], so that image networks take them, and back. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, Prediction, StateValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { reshape, tile } from "@distillery/shared/onnx/ops";

/** Rank of a batch of clips [B, F, C, H, W]. */
export const CLIP_RANK = 5;

/** [B, F, ...] -> [B F, ...] */
export const foldFrames = (x: Tensor): Tensor =>
  reshape(x, [(x.shape[0] as number) * (x.shape[1] as number), ...x.shape.slice(2)]);

/** [B F, ...] -> [B, F, ...] */
export const unfoldFrames = (x: Tensor, frames: number): Tensor =>
  reshape(x, [(x.shape[0] as number) / frames, frames, ...x.shape.slice(1)]);

/** What belongs to a clip, for each of its frames: [B, ...] -> [B F, ...], every row `frames` times. */
export function repeatPerFrame(x: Tensor, frames: number): Tensor {
  const [batch = 1, ...rest] = x.shape;
  const once = reshape(x, [batch, 1, ...rest]);
  return reshape(tile(once, [1, frames, ...rest.map(() => 1)]), [batch * frames, ...rest]);
}

/** All frames of a clip are at the clip's time. */
export function foldState({ x, t }: StateValue): StateValue {
  return { x: foldFrames(x), t: { ...t, node: repeatPerFrame(t.node, x.shape[1] as number) } };
}

/** ... and under its condition. What stands for no condition is left out: networks are applied under one or the other. */
export function repeatCondition({ tensors, labels }: ConditionValue, frames: number): ConditionValue {
  const repeated = Object.entries(tensors).map(([name, tensor]) => [name, repeatPerFrame(tensor, frames)]);
  return { labels, tensors: Object.fromEntries(repeated), nullTensors: {} };
}

/** `predict` of single pictures, applied to every frame of a clip. */
export function predictFrames(
  predict: (x: StateValue, condition: ConditionValue | null) => Prediction,
  x: StateValue,
  condition: ConditionValue | null,
): Prediction {
  const frames = x.x.shape[1] as number;
  const { predX0, eps } = predict(foldState(x), condition && repeatCondition(condition, frames));
  return { predX0: unfoldFrames(predX0, frames), eps: unfoldFrames(eps, frames) };
}

/** Refuses anything but a batch of clips of at least `least` frames. */
export function requireClips(x: Tensor, context: StageContext, socket: string, least = 1): void {
  if (x.rank === CLIP_RANK && (x.shape[1] as number) >= least) return;
  const wanted = least > 1 ? ` of at least ${least} frames` : "";
  context.fail(
    `it takes clips [batch, frames, channels, height, width]${wanted}, but got ${formatShape(x.shape)}. Use a data set of clips.`,
    socket,
    "not-a-clip",
  );
}
