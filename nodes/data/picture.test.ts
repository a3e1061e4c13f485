import type { ConditionValue, ImageValue, Resources, StateValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { datasetOf } from "../testing/dataset";
import { contextOf, emit, feedsOf, newStage, noResources, runStage, stableDiffusion } from "../testing/stage";
import { fitPicture } from "./fitPicture";
import { picture } from "./picture";

/** 4 x 2 pixels: left half red, right half black. */
const wide = {
  width: 4,
  height: 2,
  channels: 3 as const,
  data: Uint8Array.from({ length: 24 }, (_, i) => (i % 3 === 0 && Math.floor(i / 3) % 4 < 2 ? 255 : 0)),
};
const whiteLeft = { ...wide, data: wide.data.map((_, i) => (Math.floor(i / 3) % 4 < 2 ? 255 : 0)) };
const resources: Resources = {
  ...noResources,
  image: async (path) => (path === "data/mask" ? whiteLeft : wide),
};
const dataset = {
  ...datasetOf([], { sampleShape: [3, 4, 4], classes: ["A", "B"] }),
  contents: ["face", "food", "tool"],
};

describe("fitPicture", () => {
  it("puts the whole picture in the middle, at the largest size that fits", () => {
    const red = Array.from(fitPicture(wide, { height: 4, width: 4 }, 255).slice(0, 16));
    const line = [255, 255, 0, 0];
    expect(red).toEqual([255, 255, 255, 255, ...line, ...line, 255, 255, 255, 255]);
    const small = Array.from(fitPicture(wide, { height: 2, width: 2 }, 255).slice(0, 4));
    expect(small).toEqual([255, 0, 255, 255]);
  });
  it("leaves a picture of that size as it is", () => {
    expect(Array.from(fitPicture(wide, { height: 2, width: 4 }, 0).slice(0, 4))).toEqual([255, 255, 0, 0]);
  });
});

async function drawn(params: Record<string, unknown>, data = dataset) {
  const stage = newStage(1, "start");
  const outputs = emit(
    picture,
    contextOf(stage, "p", "Picture"),
    { dataset: data, schedule: stableDiffusion() },
    params,
  );
  const given = z.record(z.string(), z.unknown()).parse(picture.params.parse(params));
  const feeds = Object.fromEntries(stage.hostInputs.map(({ name, input }) => [name, stage.graph.value(input)]));
  const host = await picture.host!(given, { seed: 1, batch: 1, resources, inputs: { dataset: [data] }, feeds });
  const values = host.before!(0, (stream) => randomStream(1, stream, 0));
  return { stage, outputs: outputs as Record<string, unknown>, feeds: feedsOf("p", values) };
}

describe("data/picture", () => {
  it("gives the noised picture, the clean one and what it is to become", async () => {
    const { stage, outputs, feeds } = await drawn({ picture: "data/wide", eta: 0.5, class: "B", content: "food" });
    const x = outputs.x as StateValue;
    const condition = outputs.condition as ConditionValue;
    const eps = Array.from({ length: 48 }, (_, i) => Math.sin(i));
    const result = await runStage(
      stage,
      { x: x.x, x0: (outputs.x0 as ImageValue).x, node: x.t.node },
      { ...feeds, "random:p.eps": eps },
    );
    expect(result.node).toEqual([26]);
    const told = await runStage(stage, condition.tensors, feeds);
    expect(told).toEqual({ class: [1], content: [1] });
    expect(condition.labels).toEqual({ class: 2, content: 3 });
    expect(result.x0.slice(0, 16)).toEqual([1, 1, 1, 1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, 1, 1]);
    const abar = stableDiffusion().alphasCumprod[519]!;
    result.x.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.sqrt(abar) * result.x0[i]! + Math.sqrt(1 - abar) * eps[i]!, 5);
    });
    expect(outputs.mask).toBeUndefined();
  });

  it("has a binary mask of one channel; beside it everything is kept", async () => {
    const { stage, outputs, feeds } = await drawn({ picture: "data/wide", mask: "data/mask" });
    const { mask } = await runStage(stage, { mask: (outputs.mask as ImageValue).x }, feeds);
    expect(mask).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("tells nothing where nothing is chosen", async () => {
    const { feeds } = await drawn({ picture: "data/wide" });
    expect([feeds["p.class"], feeds["p.content"]]).toEqual([[2], [3]]);
  });

  it("takes grey data sets", async () => {
    const { feeds } = await drawn({ picture: "data/wide" }, { ...dataset, sampleShape: [1, 2, 4] });
    expect(feeds["p.x0"]!.map((value) => Number(value.toFixed(3)))).toEqual([
      -0.333, -0.333, -1, -1, -0.333, -0.333, -1, -1,
    ]);
  });

  it("says what is missing or unknown", () => {
    const build =
      (params: Record<string, unknown>, sampleShape = [3, 4, 4]) =>
      () =>
        emit(
          picture,
          contextOf(newStage(1)),
          { dataset: { ...dataset, sampleShape }, schedule: stableDiffusion() },
          params,
        );
    expect(build({})).toThrow(/Choose a picture/);
    expect(build({ picture: "x", class: "Z" })).toThrow(/no class "Z"; it has A, B/);
    expect(build({ picture: "x", content: "Z" })).toThrow(/no kind of content "Z"; it has face, food, tool/);
    expect(build({ picture: "x" }, [2])).toThrow(/data set of pictures.*\[2\]/);
  });
});
