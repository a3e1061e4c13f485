/** Frames of clips as pictures for a discriminator, which looks at single frames (MCM, methods 4.7). */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, ImageValue, StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, equal, floor, matMul, min, mul, reshape } from "@distillery/shared/onnx/ops";
import { CLIP_RANK, foldFrames, repeatCondition, repeatPerFrame } from "../../model/frames";

export interface Shown {
  readonly fake: StateValue;
  readonly predX0: ImageValue | undefined;
  readonly start: StateValue | undefined;
  readonly real: ImageValue;
  readonly condition: ConditionValue | undefined;
  readonly realCondition: ConditionValue | undefined;
}

/**
 * `count` frames of every clip, one drawn from each of as many equal parts of it (Wang et al. 2016, TSN); all that belongs to the
 * student shows the same ones. Real pictures that are no clips are shown once for each of them. Pictures stay what they are.
 */
export function pickFrames(shown: Shown, count: number, context: StageContext): Shown {
  const { fake, predX0, start, real, condition, realCondition } = shown;
  if (fake.x.rank !== CLIP_RANK) return shown;
  const frames = fake.x.shape[1] as number;
  if (count > frames) {
    context.fail(
      `it is to look at ${count} frames of a clip, but the student's have ${frames}; look at fewer.`,
      "fake",
      "not-a-clip",
    );
  }
  const chosen = selection(fake.x.shape[0] as number, frames, count, "fake.frames", context);
  const images = (x: Tensor) => chosenFrames(x, chosen);
  const states = ({ x, t }: StateValue): StateValue => ({
    x: images(x),
    t: { ...t, node: repeatPerFrame(t.node, count) },
  });
  return {
    fake: states(fake),
    predX0: predX0 && { x: images(predX0.x) },
    start: start && states(start),
    real: { x: realPictures(real.x, count, context) },
    condition: condition && repeatCondition(condition, count),
    realCondition: realCondition && repeatCondition(realCondition, count),
  };
}

function realPictures(real: Tensor, count: number, context: StageContext): Tensor {
  if (real.rank !== CLIP_RANK) return repeatPerFrame(real, count);
  const [batch = 1, frames = 1] = real.shape;
  return chosenFrames(real, selection(batch, frames, Math.min(count, frames), "real.frames", context));
}

/** float32 [B, count, F]: a one in every row. Frame i is drawn from the i-th part of the clip. */
function selection(batch: number, frames: number, count: number, name: string, context: StageContext): Tensor {
  const { graph } = context;
  const starts = Array.from({ length: count + 1 }, (_, i) => Math.floor((i * frames) / count));
  const lengths = starts.slice(1).map((end, i) => end - (starts[i] as number));
  const row = (values: readonly number[]) => graph.constant(values, [1, values.length]);
  const draw = context.random(name, { kind: "uniform", low: 0, high: 1 }, [batch, count]);
  // Rounding can bring u n up to n itself.
  const offset = min(floor(mul(draw, row(lengths))), row(lengths.map((length) => length - 1)));
  const index = reshape(add(offset, row(starts.slice(0, count))), [batch, count, 1]);
  const all = graph.constant(
    Array.from({ length: frames }, (_, i) => i),
    [1, 1, frames],
  );
  return cast(equal(index, all), "float32");
}

/** [B, F, ...] -> [B count, ...], a product with ones so that gradients flow. */
function chosenFrames(x: Tensor, chosen: Tensor): Tensor {
  const [batch = 1, frames = 1, ...picture] = x.shape;
  const picked = matMul(chosen, reshape(x, [batch, frames, -1]));
  return foldFrames(reshape(picked, [batch, chosen.shape[1] as number, ...picture]));
}
