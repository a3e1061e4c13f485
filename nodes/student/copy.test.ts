import type { WeightsValue } from "@distillery/shared/graph/wires";
import { expect, it } from "vitest";
import { onnxModel } from "../model/onnx";
import { contextOf, emit, newStage, noResources, stableDiffusion, stateInput } from "../testing/stage";
import { buildWithUnet } from "../testing/unetFile.test-helper";
import { formulaWeights } from "../testing/weights";
import { copy } from "./copy";

it("starts with the values of the file, as variables of its own", async () => {
  const [stage] = await buildWithUnet(1, (each) => {
    const base = emit(onnxModel, contextOf(each, "net"), {}, { model: "unet" });
    const { weights } = emit(copy, contextOf(each, "copy"), base) as { weights: WeightsValue };
    expect(weights).toMatchObject({ owner: "copy", trainable: true });
    weights.predict!(stateInput(each, stableDiffusion(), [3, 8, 8]), null);
  });
  expect(stage.frozen.size).toBe(0);
  expect([...stage.variables.keys()].every((name) => name.startsWith("copy/"))).toBe(true);
  const { init, role } = stage.variables.get("copy/conv_in.weight")!.spec;
  if (init.kind !== "data") throw new Error("not from the file");
  expect(role).toBe("parameter");
  expect((await init.load(noResources)).length).toBe(8 * 3 * 9);
});

it("refuses a closed form", () => {
  const stage = newStage(1);
  const closed = { weights: formulaWeights(({ x }) => x) };
  const { weights } = emit(copy, contextOf(stage, "copy"), closed) as { weights: WeightsValue };
  expect(() => weights.predict!(stateInput(stage, stableDiffusion(), [2]), null)).toThrow("closed form");
});
