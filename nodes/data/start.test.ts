import type { HostPart, HostTensors } from "@distillery/shared/graph/node";
import type { ConditionValue, DatasetValue, ImageValue, StateValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { alphasCumprodOf, betasOf, rescaleZeroTerminalSnr } from "../schedule/tables";
import { scheduleOf } from "../schedule/vp";
import { datasetOf, type Sample } from "../testing/dataset";
import { contextOf, emit, feedsOf, newStage, noResources, runStage, stableDiffusion } from "../testing/stage";
import { start } from "./start";

const samples: Sample[] = [0, 1, 2].flatMap((classIndex) =>
  Array.from({ length: 4 }, (_, i) => ({
    values: [classIndex, i],
    classIndex,
    split: i === 3 ? ("heldOut" as const) : ("train" as const),
  })),
);
const dataset = datasetOf(samples, { sampleShape: [2], classes: ["A", "B", "C"] });
const plain = datasetOf(
  samples.map((sample) => ({ ...sample, classIndex: -1 })),
  { sampleShape: [2] },
);

const batch = 64;
type Outputs = { x: StateValue; x0: ImageValue; condition: ConditionValue };

async function hostOf(params: Record<string, unknown>, data: DatasetValue = dataset): Promise<HostPart> {
  const given = z.record(z.string(), z.unknown()).parse(start.params.parse(params));
  return start.host!(given, { seed: 1, batch, resources: noResources, inputs: { dataset: [data] }, feeds: {} });
}
const draw = (host: HostPart, step = 0): HostTensors =>
  host.before!(step, (stream) => randomStream(1, `start.${stream}`, step));

function build(params: Record<string, unknown>, data = dataset, schedule = stableDiffusion()) {
  const stage = newStage(batch);
  const outputs = emit(start, contextOf(stage, "start", "Start"), { dataset: data, schedule }, params) as Outputs;
  return { stage, outputs };
}

describe("start", () => {
  it("noises to the fixed node and keeps the samples", async () => {
    const { stage, outputs } = build({ eta: 0.75 });
    expect(outputs.x.t.label).toMatchObject({ min: 39, max: 39, text: 'the start time of "Start"' });
    const feeds = draw(await hostOf({}));
    const eps = Array.from({ length: batch * 2 }, (_, i) => Math.sin(i));
    const result = await runStage(
      stage,
      { x: outputs.x.x, x0: outputs.x0.x, node: outputs.x.t.node, class: outputs.condition.tensors.class! },
      { ...feedsOf("start", feeds), "random:start.eps": eps },
    );
    expect(new Set(result.node)).toEqual(new Set([39]));
    const abar = stableDiffusion().alphasCumprod[779]!;
    result.x0.forEach((x0, i) => {
      expect(result.x[i]).toBeCloseTo(Math.sqrt(abar) * x0 + Math.sqrt(1 - abar) * eps[i]!, 5);
    });
    result.class.forEach((own, row) => {
      expect(own).toBe(result.x0[row * 2]);
      expect(result.x0[row * 2 + 1]).toBeLessThan(3);
    });
  });

  it("draws every node of the grid, the first and the last with them", async () => {
    const { stage, outputs } = build({ time: "grid", eta: 0.75 }, dataset, stableDiffusion(4));
    const feeds = feedsOf("start", draw(await hostOf({})));
    const { node } = await runStage(stage, { node: outputs.x.t.node }, feeds);
    expect([...new Set(node)].sort()).toEqual([1, 2, 3, 4]);
    expect(outputs.x.t.label).toMatchObject({ min: 1, max: 4 });
  });

  it("draws nodes of a student's own grid", async () => {
    const { stage, outputs } = build({ time: "grid", stride: 16 });
    const feeds = feedsOf("start", draw(await hostOf({})));
    const { node } = await runStage(stage, { node: outputs.x.t.node }, feeds);
    expect([...new Set(node)].sort((a, b) => a - b)).toEqual([2, 18, 34, 50]);
    expect(outputs.x.t.label).toMatchObject({ min: 2, max: 50 });
  });

  it("adds offset noise: one more draw per sample and channel, on every position", async () => {
    const pictures = datasetOf([{ values: Array(8).fill(0), classIndex: -1, split: "train" }], {
      sampleShape: [2, 2, 2],
    });
    const { stage, outputs } = build({ eta: 0.75, offsetNoise: 0.1 }, pictures);
    const feeds = feedsOf("start", draw(await hostOf({}, pictures)));
    const offset = Array.from({ length: batch * 2 }, (_, i) => Math.cos(i));
    const given = { "random:start.eps": Array(batch * 8).fill(0.5), "random:start.offset": offset };
    const { x } = await runStage(stage, { x: outputs.x.x }, { ...feeds, ...given });
    const sigma = Math.sqrt(1 - stableDiffusion().alphasCumprod[779]!);
    for (const [i, value] of x.entries())
      expect(value).toBeCloseTo(sigma * (0.5 + 0.1 * offset[Math.floor(i / 4)]!), 5);
  });

  it("draws times below the start when they are uniform", async () => {
    const { stage, outputs } = build({ time: "uniform", eta: 0.2 });
    expect(outputs.x.t.label).toMatchObject({ min: 2, max: 10 });
    const { node } = await runStage(stage, { node: outputs.x.t.node }, feedsOf("start", draw(await hostOf({}))));
    expect([...new Set(node)].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("takes samples of one class and asks for another", async () => {
    const feeds = draw(await hostOf({ sourceClasses: ["B"], targetClasses: ["C", "A"], split: "heldOut" }));
    const x0 = Array.from(feeds.x0!.data, Number);
    const classes = Array.from(feeds.class!.data, Number);
    expect(x0.filter((_, i) => i % 2 === 0).every((value) => value === 1)).toBe(true);
    expect(x0.filter((_, i) => i % 2 === 1).every((value) => value === 3)).toBe(true);
    expect(new Set(classes)).toEqual(new Set([0, 2]));
  });

  it("draws the same batch for the same step, another for the next", async () => {
    const [a, b] = [await hostOf({}), await hostOf({})];
    expect(draw(a, 5)).toEqual(draw(b, 5));
    expect(draw(a, 5)).not.toEqual(draw(a, 6));
  });

  it("conditions on nothing when the data has no classes", async () => {
    const { outputs } = build({}, plain);
    expect(outputs.condition).toEqual({ tensors: {}, nullTensors: {}, labels: {} });
    expect(Object.keys(draw(await hostOf({}, plain)))).toEqual(["x0"]);
  });

  it("has the null class after the last one", async () => {
    const { stage, outputs } = build({});
    const feeds = feedsOf("start", draw(await hostOf({})));
    const result = await runStage(stage, { none: outputs.condition.nullTensors.class! }, feeds);
    expect(new Set(result.none)).toEqual(new Set([3]));
  });

  it("can feed pure noise at the last node", async () => {
    const { stage, outputs } = build({ eta: 0.98, hardSwap: true });
    const eps = Array.from({ length: batch * 2 }, (_, i) => Math.cos(i));
    const feeds = { ...feedsOf("start", draw(await hostOf({}))), "random:start.eps": eps };
    const { x } = await runStage(stage, { x: outputs.x.x }, feeds);
    expect(x).toEqual(eps.map(Math.fround));
    expect(outputs.x.t.label.max).toBe(50);
  });

  it("refuses what cannot be started, in words", () => {
    expect(() => build({ eta: 1 })).toThrow(/starts at index 50.*Choose at most 0.98/);
    expect(() => build({ eta: 0.02, time: "uniform" })).toThrow(/index 1 up to 0, which is empty/);
    expect(() => build({ targetClasses: ["Z"] })).toThrow(/no class "Z"; it has A, B, C/);
    const betas = betasOf({ curve: "scaled_linear", timesteps: 1000, betaStart: 0.00085, betaEnd: 0.012 });
    const zero = scheduleOf({
      id: "zero",
      predictionType: "epsilon",
      nodes: 50,
      alphasCumprod: rescaleZeroTerminalSnr(alphasCumprodOf(betas)),
    });
    expect(() => build({ eta: 0.98 }, dataset, zero)).toThrow(/zero terminal SNR and epsilon/);
    expect(() => build({ time: "grid" }, dataset, zero)).toThrow(/zero terminal SNR and epsilon/);
    expect(() => build({ eta: 0.75 }, dataset, zero)).not.toThrow();
  });

  it("says when a class has no samples in the split", async () => {
    const none = datasetOf(
      samples.filter((sample) => sample.classIndex !== 2),
      { sampleShape: [2], classes: ["A", "B", "C"] },
    );
    await expect(hostOf({ sourceClasses: ["C"] }, none)).rejects.toThrow(
      /no samples of class "C" in the split "train"/,
    );
  });
});
