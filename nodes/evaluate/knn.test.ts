import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { HostIo, HostTensors } from "@distillery/shared/graph/node";
import type { DatasetValue, FeaturesValue } from "@distillery/shared/graph/wires";
import { reshape } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, newStage, noResources, runStage } from "../testing/stage";
import { knn } from "./knn";
import { itemRetrieval, nearest, toUnitRows, vote } from "./nearestNeighbours";

describe("nearest neighbours", () => {
  const bank = toUnitRows(Float32Array.of(3, 0, 0, 2, 1, 1, -1, 0), 2);

  it("are ordered by cosine, whatever the lengths", () => {
    const query = toUnitRows(Float32Array.of(10, 1), 2);
    const found = nearest(query, 0, bank, 2, 3);
    expect(found.map(({ index }) => index)).toEqual([0, 2, 1]);
    expect(found[0]?.similarity).toBeCloseTo(10 / Math.sqrt(101), 5);
    expect(nearest(query, 0, bank, 2, 1, (index) => index !== 0)[0]?.index).toBe(2);
  });

  it("vote with exp(cosine / temperature)", () => {
    const neighbours = [
      { index: 0, similarity: 0.9 },
      { index: 1, similarity: 0.8 },
      { index: 2, similarity: 0.8 },
    ];
    // 1 / 0.1: e^9 against 2 e^8 = 0.74 e^9; 1 / 1: e^0.9 against 2 e^0.8.
    expect(vote(neighbours, [5, 7, 7], 0.1)).toBe(5);
    expect(vote(neighbours, [5, 7, 7], 1)).toBe(7);
    expect(vote(neighbours, [5, 7, 7], 1e-4)).toBe(5);
  });

  it("find an item in other classes", () => {
    // Two items in three classes; class 2 has them swapped.
    const rows = toUnitRows(Float32Array.of(1, 0, 0, 1, 1, 0.1, 0.1, 1, 0, 1, 1, 0), 2);
    const classes = [0, 0, 1, 1, 2, 2];
    const items = [4, 5, 4, 5, 4, 5];
    expect(itemRetrieval(rows, 2, classes, items)).toBeCloseTo(2 / 6);
    expect(itemRetrieval(rows, 2, [0, 0, 0, 0, 0, 0], items)).toBeNull();
  });

  it("leave rows of zeros alone", () => {
    expect([...toUnitRows(Float32Array.of(0, 0, 0, 5), 2)]).toEqual([0, 0, 0, 1]);
  });
});

describe("evaluate/knn", () => {
  /** Angle in degrees: class by half, kind by quarter; held-out ones lie between the training ones. */
  const angles = [10, 20, 100, 110, 190, 200, 280, 290];
  const sample = (angle: number) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const dataset: DatasetValue = {
    id: "circle",
    title: "Circle",
    sampleShape: [1, 1, 2],
    classes: ["upper", "lower"],
    contents: ["a", "b", "c", "d"],
    groups: { names: ["even", "odd"], ofContent: [0, 1, 0, 1] },
    paired: true,
    open: async () => ({
      count: (split) => (split === "all" ? 12 : split === "train" ? 8 : 4),
      read(split, index, out, offset) {
        const angle = split === "train" ? (angles[index] as number) : 15 + 90 * index;
        out.set(sample(angle), offset);
        const content = Math.floor(angle / 90);
        return { class: angle < 180 ? 0 : 1, content, item: content % 2 };
      },
    }),
  };
  const encoder = formulaEncoder(
    (images): FeaturesValue => ({
      layers: [reshape(images, [images.shape[0] as number, 2, 1])],
      embedding: reshape(images, [-1, 2]),
    }),
  );

  async function measure(params: Record<string, unknown>) {
    const complete = knn.params.parse(params) as Record<string, unknown>;
    const batch = Number(complete.batch);
    const stage: StageBuilder = newStage(batch);
    const features = knn.survey?.emit(
      { weights: encoder, dataset } as never,
      complete as never,
      contextOf(stage),
      (name, dtype, shape) => stage.graph.input(name, dtype, shape),
    ).features;
    if (features === undefined) throw new Error("no features");
    const inputs = { weights: [encoder], dataset: [dataset] };
    const part = await knn.host?.(complete, { seed: 1, batch, resources: noResources, inputs, feeds: {} });
    const metrics: Record<string, number> = {};
    const io: HostIo = {
      step: 0,
      metric: (name, value) => {
        metrics[name] = value;
      },
      frame: () => undefined,
      data: () => undefined,
      log: () => undefined,
    };
    const run = async ({ images }: HostTensors): Promise<HostTensors> => {
      const result = await runStage(stage, { features }, { images: Array.from(images?.data ?? [], Number) });
      return { features: { dtype: "float32", shape: [batch, 2], data: Float32Array.from(result.features) } };
    };
    await part?.survey?.(run, io);
    return metrics;
  }

  it("tells class, kind and group of held-out samples by their neighbours in the training part", async () => {
    // Item: 15 and 195 degrees are the same one, but 15 lies nearer to 285.
    expect(await measure({ k: 2, batch: 3 })).toEqual({ class: 1, content: 1, group: 1, item: 0 });
  });

  it("looks at a hooked layer as well, and at a part of the bank", async () => {
    expect(await measure({ k: 1, features: "layer", batch: 8 })).toMatchObject({ class: 1, content: 1 });
    const few = await measure({ k: 1, bank: 1 });
    expect(few.content).toBe(0.25);
    expect(few.class).toBe(0.5);
  });

  it("refuses a layer that is not hooked", async () => {
    await expect(measure({ features: "layer", layer: 1 })).rejects.toThrow('no layer 1; "Encoder" hooks 1');
  });
});
