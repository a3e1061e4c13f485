import { describe, expect, it } from "vitest";
import { contextOf, newStage, runStage, stableDiffusion, stateInput } from "../../testing/stage";
import { fixedLabel, ownLabel } from "../../time/labels";
import { MODES, type Mode, picturesOf, realTime } from "./modes";

const labels = { s: ownLabel("target", "s", 0, 38, [fixedLabel(39)]), t: fixedLabel(39) };

function build(batch: number, given: { predX0?: boolean; start?: boolean } = {}) {
  const stage = newStage(batch);
  const schedule = stableDiffusion();
  const fake = stateInput(stage, schedule, [1], labels.s);
  const real = { x: stage.graph.input("real", "float32", [batch, 1]) };
  return {
    stage,
    schedule,
    given: {
      fake,
      real,
      predX0: given.predX0 ? { x: stage.graph.input("predX0", "float32", [batch, 1]) } : undefined,
      start: given.start ? stateInput(stage, schedule, [1], labels.t, "Start") : undefined,
    },
  };
}

const nodes = [0, 1, 5, 20, 38];
const timesteps = [0, 19, 99, 399, 759];

/** Inputs that times do not depend on. */
const unseen = { x: nodes, real: nodes, xStart: nodes };

describe("the time of the real image", () => {
  it("is floor(U s) of the true timestep s, always below s", async () => {
    for (const u of [0, 0.25, 0.9999999]) {
      const { stage, given } = build(5);
      const r = realTime("xs-xr", given, contextOf(stage)).node;
      const feeds = { ...unseen, t: nodes, "random:node.r": Array<number>(5).fill(u) };
      const found = await runStage(stage, { r }, feeds);
      expect(found.r).toEqual(timesteps.map((s) => Math.max(Math.min(Math.floor(u * s), s - 1), 0)));
    }
  });

  it("lies between s and the start in the mode xs-xR", async () => {
    for (const u of [0, 0.5, 0.9999999]) {
      const { stage, given } = build(5, { start: true });
      const r = realTime("xs-xR", given, contextOf(stage)).node;
      const feeds = {
        ...unseen,
        t: nodes,
        tStart: Array<number>(5).fill(39),
        "random:node.r": Array<number>(5).fill(u),
      };
      const found = await runStage(stage, { r }, feeds);
      expect(found.r).toEqual(timesteps.map((s) => s + Math.min(Math.floor(u * (779 - s)), 779 - s - 1)));
    }
  });
});

describe("the pictures of each mode", () => {
  const x = [0.5, -1];
  const t = [20, 38];
  const [real, predX0, eps, u] = [
    [0.2, 0.4],
    [0.9, 0.8],
    [-0.5, 1.5],
    [0.5, 0.25],
  ];

  it.each(MODES)("%s", async (mode: Mode) => {
    const { stage, schedule, given } = build(2, { predX0: true, start: true });
    const pictures = picturesOf(mode, given, contextOf(stage));
    const found = await runStage(stage, pictures, {
      x,
      t,
      real,
      predX0,
      xStart: [0, 0],
      tStart: [39, 39],
      "random:node.eps": eps,
      "random:node.r": u,
    });
    const noised = (times: readonly number[]) =>
      times.map((time, i) => {
        const abar = schedule.alphasCumprod[time] as number;
        return Math.sqrt(abar) * (real[i] as number) + Math.sqrt(1 - abar) * (eps[i] as number);
      });
    const expected = {
      x0: real,
      xs: noised([399, 759]),
      "xs-x0": real,
      "xs-xr": noised([199, 189]),
      "xs-xR": noised([399 + 190, 759 + 5]),
    }[mode];
    expect(found.fake).toEqual((mode === "x0" ? predX0 : x).map(Math.fround));
    found.real.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it("names what is missing", () => {
    const plain = build(2);
    const context = contextOf(plain.stage);
    expect(() => picturesOf("x0", plain.given, context)).toThrow(expect.objectContaining({ socket: "predX0" }));
    expect(() => picturesOf("xs-xR", plain.given, context)).toThrow(expect.objectContaining({ socket: "start" }));
  });

  it("refuses a start that may be cleaner than the student's state", () => {
    const { stage, schedule, given } = build(2);
    const start = stateInput(stage, schedule, [1], fixedLabel(3), "Start");
    expect(() => picturesOf("xs-xR", { ...given, start }, contextOf(stage))).toThrow("cannot move to a later time");
  });
});
