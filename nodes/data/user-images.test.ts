import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { encodeSafetensors } from "@distillery/shared/run/safetensors";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { datasetPath, userImages } from "./user-images";

const COUNT = 40;
const images = Uint8Array.from({ length: COUNT * 12 }, (_, i) => Math.floor(i / 12));
const classes = Int32Array.from({ length: COUNT }, (_, i) => i % 2);

const resources: Resources = {
  ...noResources,
  dataset: (id) => (id === "mine" ? { id, name: "Mine", size: 2, classes: ["a", "b"], count: COUNT } : undefined),
  bytes: async (path) => {
    expect(path).toBe(datasetPath("mine"));
    return encodeSafetensors({
      images: { dtype: "uint8", shape: [COUNT, 3, 2, 2], data: images },
      classes: { dtype: "int32", shape: [COUNT], data: classes },
    });
  },
};
const context = () => contextOf(new StageBuilder({ name: "test", kind: "train", batch: 1, seed: 0, resources }));

describe("data/user-images", () => {
  it("reads each image once, in one split, with its class", async () => {
    const { dataset } = emit(userImages, context(), {}, { id: "mine", heldOut: 0.25 }) as { dataset: DatasetValue };
    expect(dataset).toMatchObject({ title: "Mine", sampleShape: [3, 2, 2], classes: ["a", "b"] });
    const reader = await dataset.open(resources, 0);
    expect(dataset.trainCount).toBe(reader.count("train"));
    const out = new Float32Array(12);
    const seen = (["train", "heldOut"] as const).flatMap((split) =>
      Array.from({ length: reader.count(split) }, (_, i) => {
        const classIndex = reader.read(split, i, out, 0).class;
        const number = Math.round(((out[11] as number) + 1) * 127.5);
        expect(classIndex).toBe(number % 2);
        return number;
      }),
    );
    expect(reader.count("heldOut")).toBeGreaterThan(2);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  });

  it("says when there is no such data set", () => {
    expect(() => emit(userImages, context(), {}, { id: "other" })).toThrow('There is no data set "other"');
    expect(() => emit(userImages, contextOf(newStage(1)), {})).toThrow("Choose a data set");
  });
});
