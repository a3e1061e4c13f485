import type { ConditionValue, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { add, cast, mul, sin } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { perSample } from "../schedule/prediction";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { perFrame } from "./per-frame";

const PICTURE = [2, 2, 3];
const FRAMES = 3;

/** Depends on the picture, its time and its class. */
const imageNetwork = (): WeightsValue =>
  formulaWeights(({ x, t }: StateValue, condition) => {
    const timed = add(sin(mul(x, 1.3)), perSample(mul(t.schedule.timestep(t), 1e-3), x));
    const label = condition?.tensors.class;
    return label === undefined ? timed : add(timed, perSample(cast(label, "float32"), x));
  }, PICTURE);

const values = Array.from({ length: 2 * FRAMES * 12 }, (_, i) => Math.sin(0.9 * i));

describe("model/per-frame", () => {
  it("is the image network on every frame, at the clip's time and class", async () => {
    const stage = newStage(2);
    const clips = stateInput(stage, stableDiffusion(), [FRAMES, ...PICTURE]);
    const label = stage.graph.input("class", "int64", [2]);
    const condition: ConditionValue = { labels: { class: 4 }, tensors: { class: label }, nullTensors: {} };
    const { weights } = emit(perFrame, contextOf(stage), { weights: imageNetwork() }) as { weights: WeightsValue };
    const { predX0, eps } = weights.predict!(clips, condition);
    expect(eps.shape).toEqual([2, FRAMES, ...PICTURE]);
    const got = await runStage(stage, { predX0, eps }, { x: values, t: [10, 39], class: [3, 1] });

    const single = newStage(2 * FRAMES);
    const pictures = stateInput(single, stableDiffusion(), PICTURE);
    const classes = single.graph.input("class", "int64", [2 * FRAMES]);
    const wanted = imageNetwork().predict!(pictures, {
      labels: { class: 4 },
      tensors: { class: classes },
      nullTensors: {},
    });
    const expected = await runStage(
      single,
      { predX0: wanted.predX0, eps: wanted.eps },
      { x: values, t: [10, 10, 10, 39, 39, 39], class: [3, 3, 3, 1, 1, 1] },
    );
    expect(got).toEqual(expected);
  });

  it("says what it wants: pictures of the network's size", () => {
    const stage = newStage(2);
    const { weights } = emit(perFrame, contextOf(stage), { weights: imageNetwork() }) as { weights: WeightsValue };
    expect(() => weights.predict!(stateInput(stage, stableDiffusion(), PICTURE), null)).toThrow("takes clips");
    expect(() => weights.predict!(stateInput(stage, stableDiffusion(), [2, 1, 2, 2], undefined, "2"), null)).toThrow(
      "takes pictures of shape [2, 2, 3], but the frames have [1, 2, 2]",
    );
  });
});
