import type { ConditionValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { reduceSum } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, newStage, runStage, stableDiffusion, stateInput } from "../../testing/stage";
import { pickFrames } from "./pickFrames";

const FRAMES = 5;
const BATCH = 3;
const SHAPE = [FRAMES, 1, 1, 2];
/** Frame f of clip b holds 10 b + f, and the same plus a half. */
const clips = Array.from({ length: BATCH * FRAMES }, (_, i) => 10 * Math.floor(i / FRAMES) + (i % FRAMES)).flatMap(
  (value) => [value, value + 0.5],
);

function built(realShape: readonly number[] = SHAPE, count = 2) {
  const stage = newStage(BATCH);
  const fake = stateInput(stage, stableDiffusion(), SHAPE);
  const real = { x: stage.graph.input("real", "float32", [BATCH, ...realShape]) };
  const condition: ConditionValue = {
    labels: { class: 4 },
    tensors: { class: stage.graph.input("class", "int64", [BATCH]) },
    nullTensors: {},
  };
  const given = { fake, predX0: { x: fake.x }, start: fake, real, condition, realCondition: undefined };
  return { stage, given, picked: pickFrames(given, count, contextOf(stage)) };
}
const fed = { x: clips, t: [1, 2, 3], class: [0, 1, 2] };

describe("pickFrames", () => {
  it("shows the student's frames, one from each part of the clip, at their clip's time and class", async () => {
    const { stage, picked } = built();
    expect(picked.fake.x.shape).toEqual([BATCH * 2, 1, 1, 2]);
    const seen = new Set<number>();
    for (let step = 0; step < 30; step++) {
      const fetches = { fake: picked.fake.x, predX0: picked.predX0!.x, t: picked.fake.t.node, real: picked.real.x };
      const values = await runStage(stage, fetches, { ...fed, real: clips }, step);
      expect(values.t).toEqual([1, 1, 2, 2, 3, 3]);
      expect(values.predX0).toEqual(values.fake);
      for (let row = 0; row < BATCH * 2; row++) {
        const [first = 0, second] = values.fake.slice(2 * row);
        expect(second).toBe(first + 0.5);
        expect(Math.floor(first / 10)).toBe(Math.floor(row / 2));
        // Two parts of five frames: 0, 1 and 2, 3, 4.
        expect(first % 10 >= 2).toBe(row % 2 === 1);
        if (row < 2) seen.add(first);
      }
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("shows single real pictures once for each frame, and lets gradients through to the chosen ones alone", async () => {
    const { stage, picked } = built([1, 1, 2]);
    const [gradient] = grad(reduceSum(picked.fake.x, { keepdims: false }), [stage.graph.value("x")]);
    const values = await runStage(
      stage,
      { real: picked.real.x, fake: picked.fake.x, class: picked.condition!.tensors.class!, gradient: gradient! },
      { ...fed, real: [1, 2, 3, 4, 5, 6] },
    );
    expect(values.real).toEqual([1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6]);
    expect(values.class).toEqual([0, 0, 1, 1, 2, 2]);
    expect(clips.filter((_, i) => values.gradient[i] === 1)).toEqual(values.fake);
  });

  it("leaves pictures alone and refuses more frames than there are", () => {
    const { given, stage } = built();
    const picture = { ...given, fake: stateInput(stage, stableDiffusion(), [1, 1, 2], undefined, "2") };
    expect(pickFrames(picture, 2, contextOf(stage))).toBe(picture);
    expect(() => built(SHAPE, 6)).toThrow("is to look at 6 frames of a clip, but the student's have 5");
  });
});
