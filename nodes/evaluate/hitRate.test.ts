import type { HostIo, HostPart, NodeDefinition } from "@distillery/shared/graph/node";
import type { ConditionValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { accuracy } from "./accuracy";
import { hitRateHost } from "./hitRate";
import { retrieval } from "./retrieval";

/** Images of two numbers are their own embedding and their own scores of "class". */
const encoder = formulaEncoder((x) => ({ layers: [], embedding: x, logits: { class: x } }));

async function outputsOf(definition: NodeDefinition, feeds: Record<string, number[]>, params = {}, batch = 4) {
  const stage = newStage(batch);
  const inputs: Record<string, unknown> = { weights: encoder };
  for (const [name, values] of Object.entries(feeds)) {
    if (/ondition/.test(name)) {
      const condition: ConditionValue = {
        labels: { class: 2 },
        tensors: { class: stage.graph.input(name, "int64", [batch]) },
        nullTensors: {},
      };
      inputs[name] = condition;
    } else inputs[name] = { x: stage.graph.input(name, "float32", [batch, values.length / batch]) };
  }
  const emitted = emit(definition, contextOf(stage), inputs, params);
  const fetches = Object.fromEntries(stage.hostOutputs.map(({ name, output }) => [name, stage.graph.value(output)]));
  return { emitted, values: (await runStage(stage, fetches, feeds)) as Record<string, number[]> };
}

describe("evaluate/accuracy", () => {
  const images = [2, 1, 0, 1, 3, 1, 5, 0];

  it("counts images whose highest score is their label; unknown labels do not count", async () => {
    const { emitted, values } = await outputsOf(accuracy, { images, condition: [0, 0, 2, 0] });
    expect(values).toEqual({ "classAccuracy.hits": [2], "classAccuracy.counted": [3] });
    expect(emitted).toEqual({
      class: { node: "node", series: "classAccuracy", title: "Class told rightly" },
      content: undefined,
    });
  });

  it("looks at the first rows only, when told so", async () => {
    const { values } = await outputsOf(accuracy, { images, condition: [0, 0, 2, 0] }, { rows: 2 });
    expect(values).toEqual({ "classAccuracy.hits": [1], "classAccuracy.counted": [2] });
  });

  it("refuses encoders without heads", () => {
    const stage = newStage(2);
    const weights = formulaEncoder((x) => ({ layers: [], embedding: x }));
    const condition: ConditionValue = { labels: {}, tensors: {}, nullTensors: {} };
    const inputs = { weights, images: { x: stage.graph.input("images", "float32", [2, 2]) }, condition };
    expect(() => emit(accuracy, contextOf(stage), inputs)).toThrow('"Encoder" classifies nothing');
  });
});

describe("evaluate/retrieval", () => {
  it("finds the class whose mean direction is nearest; lengths do not matter", async () => {
    const { values } = await outputsOf(retrieval, {
      // Class 0 points along (1, 0) on the mean, class 1 along (0, 1); the last one is of no known class.
      references: [10, 1, 1, -0.1, 0, 0.01, 100, 100],
      referenceCondition: [0, 0, 1, 2],
      images: [3, 1, 1, 3, 0.2, 0.1, -1, 5],
      condition: [0, 1, 1, 1],
    });
    expect(values).toEqual({ "nearestAccuracy.hits": [3], "nearestAccuracy.counted": [4] });
  });

  it("never answers with a class that no reference shows", async () => {
    const images = [-1, -1, -1, 0, 1, 0, 0, 1];
    const feeds = { references: [1, 1, 1, 1, 1, 1, 1, 1], referenceCondition: [1, 1, 1, 1], images };
    const { values } = await outputsOf(retrieval, { ...feeds, condition: [1, 1, 1, 1] });
    expect(values["nearestAccuracy.hits"]).toEqual([4]);
  });
});

describe("hitRateHost", () => {
  const step = (host: HostPart, at: number, hits: number, counted: number) => {
    const said: [string, number][] = [];
    const io: HostIo = {
      step: at,
      metric: (name, value) => said.push([name, value]),
      frame: () => undefined,
      data: () => undefined,
      log: () => undefined,
    };
    const scalar = (value: number) => ({ dtype: "float32" as const, shape: [], data: Float32Array.of(value) });
    host.after?.(at, { "x.hits": scalar(hits), "x.counted": scalar(counted) }, io);
    return said;
  };

  it("reports the share over the steps since the last report, also after a stop", () => {
    const host = hitRateHost(3);
    expect([step(host, 0, 1, 2), step(host, 1, 2, 2)]).toEqual([[], []]);
    const continued = hitRateHost(3);
    continued.load?.(host.save?.() ?? {});
    expect(step(continued, 2, 0, 4)).toEqual([["x", 3 / 8]]);
    expect([step(continued, 3, 0, 0), step(continued, 4, 0, 0), step(continued, 5, 0, 0)]).toEqual([[], [], []]);
    expect(step(continued, 6, 1, 1)).toEqual([]);
  });
});
