/** The warping error of whole clips: the mean over their pairs of neighbouring frames. */
import type { Resources } from "@distillery/shared/graph/wires";
import { type Flow, pairError, visible } from "./warp";

/** A clip [F, C, H, W] of colours in [0, 1]. */
export interface Clip {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

const frameOf = ({ frames, values }: Clip, frame: number): Float32Array => {
  const size = values.length / frames;
  return values.subarray(frame * size, (frame + 1) * size);
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const pairs = ({ frames }: Clip): number[] => Array.from({ length: frames - 1 }, (_, frame) => frame);

/** Along known flow, [F - 1, 3, H, W]: right, down, and 1 where a pixel stays in view. */
export function errorAlong(clip: Clip, known: Float32Array): number {
  const { width, height } = clip;
  const plane = width * height;
  return mean(
    pairs(clip).map((frame) => {
      const part = (k: number) => known.subarray((3 * frame + k) * plane, (3 * frame + k + 1) * plane);
      const flow = { width, height, x: part(0), y: part(1) };
      return pairError(frameOf(clip, frame), frameOf(clip, frame + 1), flow, part(2));
    }),
  );
}

/** Along flow that is estimated from `source`: the clip itself, or the one it was made from. */
export async function errorAlongEstimated(
  clip: Clip,
  source: Clip,
  opticalFlow: Required<Resources>["opticalFlow"],
): Promise<number> {
  const errors: number[] = [];
  for (const frame of pairs(clip)) {
    const [now, next] = [greyOf(source, frame), greyOf(source, frame + 1)];
    const forward = await estimated(now, next, source, opticalFlow);
    const backward = await estimated(next, now, source, opticalFlow);
    errors.push(pairError(frameOf(clip, frame), frameOf(clip, frame + 1), forward, visible(forward, backward)));
  }
  return mean(errors);
}

async function estimated(
  from: Uint8Array,
  to: Uint8Array,
  { width, height }: Clip,
  opticalFlow: Required<Resources>["opticalFlow"],
): Promise<Flow> {
  const flow = await opticalFlow({ from, to, width, height });
  return { width, height, x: flow.subarray(0, width * height), y: flow.subarray(width * height) };
}

/** Luma (BT.601) of one frame, 0..255; a single channel as it is. */
function greyOf(clip: Clip, frame: number): Uint8Array {
  const values = frameOf(clip, frame);
  const plane = clip.width * clip.height;
  const isGrey = values.length < 3 * plane;
  return Uint8Array.from({ length: plane }, (_, i) => {
    const at = (c: number) => values[c * plane + i] as number;
    const luma = isGrey ? at(0) : 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2);
    return Math.round(255 * Math.min(Math.max(luma, 0), 1));
  });
}
