import type { DatasetValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { datasetOf } from "../testing/dataset";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { makeView, type ViewOptions } from "./augment";
import { views } from "./views";

const SIZE = 8;
const picture = Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => Math.sin(0.7 * i) * 0.8);
const plain: ViewOptions = { size: SIZE, area: [1, 1], flip: 0, grey: 0, blur: 0, colour: 0 };
const viewOf = (options: Partial<ViewOptions>, step = 0) =>
  makeView(picture, [3, SIZE, SIZE], { ...plain, ...options }, randomStream(1, "t", step));
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("makeView", () => {
  it("keeps means and range in crops of any size", () => {
    for (let step = 0; step < 20; step++) {
      const view = viewOf({ area: [0.1, 0.4], size: 5, colour: 1 }, step);
      expect(view).toHaveLength(75);
      expect(Math.max(...view.map(Math.abs))).toBeLessThanOrEqual(1);
    }
    expect(viewOf({ area: [0.1, 0.2] }, 1)).not.toEqual(viewOf({ area: [0.1, 0.2] }, 2));
    expect(viewOf({ area: [0.1, 0.2] }, 1)).toEqual(viewOf({ area: [0.1, 0.2] }, 1));
  });

  it("mirrors rows, and draws alike whatever else is asked for", () => {
    const [crop, mirrored] = [viewOf({ area: [0.3, 0.3] }), viewOf({ area: [0.3, 0.3], flip: 1 })];
    for (let row = 0; row < crop.length; row += SIZE) {
      expect(mirrored.slice(row, row + SIZE)).toEqual(crop.slice(row, row + SIZE).reverse());
    }
  });

  it("takes the colour out, softens, and shifts colours without a limit of grey", () => {
    const [crop, grey, soft] = [viewOf({}), viewOf({ grey: 1 }), viewOf({ blur: 1 })];
    const plane = SIZE * SIZE;
    for (let i = 0; i < plane; i++) {
      const luma = 0.299 * crop[i]! + 0.587 * crop[plane + i]! + 0.114 * crop[2 * plane + i]!;
      for (const c of [0, 1, 2]) expect(grey[c * plane + i]).toBeCloseTo(luma, 5);
    }
    const roughness = (view: Float32Array) => view.reduce((sum, v, i) => sum + Math.abs(v - (view[i + 1] ?? v)), 0);
    expect(roughness(soft)).toBeLessThan(0.9 * roughness(crop));
    expect(mean(soft)).toBeCloseTo(mean(crop), 1);
    const changes = Array.from({ length: 30 }, (_, step) => {
      const [before, after] = [viewOf({}, step), viewOf({ colour: 1 }, step)];
      return Math.max(...after.map((value, i) => Math.abs(value - before[i]!)));
    });
    const kept = changes.filter((change) => change === 0).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(15);
    // A grey picture stays grey: neither hue nor saturation can tint it.
    const flat = new Float32Array(3 * plane).fill(0.2);
    const tinted = makeView(flat, [3, SIZE, SIZE], { ...plain, colour: 1 }, randomStream(1, "t", 3));
    expect(Math.max(...tinted) - Math.min(...tinted)).toBeLessThan(1e-5);
  });
});

describe("data/views", () => {
  const dataset: DatasetValue = datasetOf(
    [0.1, 0.5].map((value) => ({ values: Array<number>(3 * SIZE * SIZE).fill(value), classIndex: -1, split: "train" })),
    { sampleShape: [3, SIZE, SIZE] },
  );
  const build = (params: Record<string, unknown>, data = dataset) => {
    const stage = newStage(3);
    return { stage, outputs: emit(views, contextOf(stage, "views"), { dataset: data }, params) };
  };

  it("stacks views so that row v B + b is a view of picture b, large and small ones of the same picture", async () => {
    const params = { localViews: 3, colour: 0, blur: 0 };
    const { stage } = build(params);
    expect(stage.hostInputs.map(({ input }) => stage.graph.value(input).shape)).toEqual([
      [6, 3, 8, 8],
      [9, 3, 4, 4],
    ]);
    const inputs = { dataset: [dataset] };
    const complete = views.params.parse(params);
    const part = await views.host?.(complete, { seed: 7, batch: 3, resources: noResources, inputs, feeds: {} });
    const feeds = part?.before?.(0, (name) => randomStream(8, name, 0)) ?? {};
    const first = (name: string, size: number) =>
      Array.from({ length: (feeds[name]?.shape[0] as number) / 3 }, (_, view) =>
        [0, 1, 2].map((row) => Number(feeds[name]?.data[(view * 3 + row) * 3 * size * size]).toFixed(3)),
      );
    const [shown] = first("global", 8);
    for (const view of [...first("global", 8), ...first("local", 4)]) expect(view).toEqual(shown);
    expect(new Set(shown).size).toBe(2);
    expect(part?.before?.(0, (name) => randomStream(8, name, 0))).toEqual(feeds);
  });

  it("shows the same thing in other classes as often as told", async () => {
    const paired: DatasetValue = {
      ...dataset,
      classes: ["a", "b", "c"],
      paired: true,
      open: async (...args) => ({
        ...(await dataset.open(...args)),
        readItem: (_item, classIndex, out) => void out.fill(classIndex / 10 - 0.9),
      }),
    };
    const shown = async (otherClass: number) => {
      const params = views.params.parse({ otherClass, colour: 0, blur: 0, localViews: 0, globalViews: 8 });
      const inputs = { dataset: [paired] };
      const part = await views.host?.(params, { seed: 8, batch: 8, resources: noResources, inputs, feeds: {} });
      const { global } = part?.before?.(0, (name) => randomStream(8, name, 0)) ?? {};
      return Array.from({ length: 64 }, (_, row) => Number(Number(global?.data[row * 3 * SIZE * SIZE]).toFixed(2)));
    };
    expect(new Set(await shown(1))).toEqual(new Set([-0.9, -0.8, -0.7]));
    expect((await shown(0)).every((value) => value > 0)).toBe(true);
    const half = (await shown(0.5)).filter((value) => value < 0).length;
    expect(half).toBeGreaterThan(16);
    expect(half).toBeLessThan(48);
  });

  it("has no small views when there are none, and refuses what is no square picture", () => {
    expect(build({ localViews: 0 }).outputs.local).toBeUndefined();
    const points = datasetOf([], { sampleShape: [2] });
    expect(() => build({}, points)).toThrow(expect.objectContaining({ socket: "dataset" }));
    const wide = datasetOf([], { sampleShape: [3, 8, 4] });
    expect(() => build({}, wide)).toThrow("needs square pictures");
  });
});
