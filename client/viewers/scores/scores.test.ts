// @vitest-environment happy-dom

import { library } from "@distillery/nodes/library";
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { useRunStore } from "../../run/runStore";
import { useServerStore } from "../../run/serverStore";
import { answering, detail, FakeConnection, numbered } from "../../run/testing";
import { comparedScores } from "./comparedScores";
import EvaluationPanel from "./EvaluationPanel.vue";
import { defaultAxes, metricOf } from "./metrics";
import { bestOf, type ScoreTable, scoredSteps, scoresCsv, scoreTable, shownScore } from "./scoreTable";

const value = (mean: number, margin = 0.02) => ({ mean, low: mean - margin, high: mean + margin, n: 64 });
const row = (sampler: string, nfe: number, guidanceScale: number, values: Record<string, number>) => ({
  sampler,
  title: sampler,
  nfe,
  guidanceScale,
  millisecondsPerImage: nfe * 2,
  values: Object.fromEntries(Object.entries(values).map(([name, mean]) => [name, value(mean)])),
});
const point = (seq: number, step: number, rows: unknown[]) => ({ seq, step, value: { rows } });

const wire = (from: string, to: string) => ({
  from: { node: from, socket: "weights" },
  to: { node: to, socket: "weights" },
});
const graph: GraphDocument = {
  ...emptyDocument("scored"),
  nodes: (
    [
      ["t", "model/ideal-denoiser"],
      ["s", "student/mlp"],
      ["ema", "student/average"],
      ["trainer", "train/trainer"],
      ["path", "evaluate/sampler"],
      ["fast", "evaluate/sampler"],
      ["style", "evaluate/style-similarity"],
    ] as const
  ).map(([id, type]) => ({ id, type, params: {}, position: { x: 0, y: 0 } })),
  edges: [wire("t", "path"), wire("s", "trainer"), wire("s", "ema"), wire("ema", "fast")],
};
const data = new Map([
  [
    "style.scores",
    [
      point(1, 0, [row("path", 50, 4, { styleSimilarity: 0.9 }), row("fast", 4, 4, { styleSimilarity: 0.2 })]),
      point(3, 100, [row("fast", 4, 4, { styleSimilarity: 0.85 }), row("fast", 4, 2, { styleSimilarity: 0.7 })]),
    ],
  ],
  ["judge.scores", [point(2, 100, [row("fast", 4, 4, { contentAccuracy: 0.6, fd: 12 })])]],
  ["viewer.rows", [point(4, 100, [])]],
  ["broken.scores", [{ seq: 5, step: 100, value: "something else" }]],
]);

describe("the table of scores", () => {
  it("joins what several scorers say of the same sampler, NFE and guidance; newer replaces older", () => {
    const { rows, metrics } = scoreTable(data, graph, library);
    expect(metrics.map(({ id }) => id)).toEqual(["styleSimilarity", "contentAccuracy", "fd"]);
    expect(rows.map(({ key }) => key)).toEqual(["path|50|4", "fast|4|2", "fast|4|4"]);
    expect(rows[2]?.values.styleSimilarity?.mean).toBe(0.85);
    expect(rows[2]?.values.contentAccuracy?.mean).toBe(0.6);
    // Measured once, before training: still there.
    expect(rows[0]?.values.styleSimilarity?.mean).toBe(0.9);
  });

  it("goes back to an earlier step", () => {
    expect(scoredSteps(data)).toEqual([0, 100]);
    expect(scoreTable(data, graph, library, 50).rows.map(({ values }) => values.styleSimilarity?.mean)).toEqual([
      0.9, 0.2,
    ]);
  });

  it("tells students from teachers by what the trainer trains, through averages", () => {
    expect(scoreTable(data, graph, library).rows.map(({ isStudent }) => isStudent)).toEqual([false, true, true]);
  });

  it("finds the best of a column in the metric's own direction, and none among equals", () => {
    const { rows } = scoreTable(
      new Map([["a.scores", [point(1, 0, [row("path", 50, 4, { fd: 3, x: 1 }), row("fast", 4, 4, { fd: 9, x: 1 })])]]]),
      graph,
      library,
    );
    expect([...bestOf(rows, "fd", "lower")]).toEqual(["path|50|4"]);
    expect([...bestOf(rows, "fd", "higher")]).toEqual(["fast|4|4"]);
    expect([...bestOf(rows, "x", "higher")]).toEqual([]);
    expect([...bestOf(rows, "unknown", "higher")]).toEqual([]);
  });

  it("shows as many digits as the interval allows", () => {
    expect(shownScore(value(0.84532, 0.0204))).toEqual({ mean: "0.845", margin: "0.020" });
    expect(shownScore(value(-29.64, 4.4))).toEqual({ mean: "−29.6", margin: "4.4" });
    expect(shownScore(value(1234.5, 120))).toEqual({ mean: "1235", margin: "120" });
    expect(shownScore(value(0.5, 0))).toEqual({ mean: "0.5", margin: "0" });
  });

  it("becomes CSV, quoting what needs it, empty where nothing was measured", () => {
    const odd = new Map([
      ["a.scores", [point(1, 0, [{ ...row("path", 2, 1, { fd: 3 }), title: 'Says "hi", twice' }])]],
      ["b.scores", [point(2, 0, [row("fast", 4, 1, { ssim: 0.5 })])]],
    ]);
    const [head, first, second] = scoresCsv(scoreTable(odd, graph, library)).split("\r\n");
    expect(head).toBe(
      "sampler,title,role,nfe,guidance_scale,milliseconds_per_image,fd_mean,fd_low,fd_high,fd_n,ssim_mean,ssim_low,ssim_high,ssim_n",
    );
    expect(first).toBe('path,"Says ""hi"", twice",teacher,2,1,4,3,2.98,3.02,64,,,,');
    expect(second).toBe("fast,fast,student,4,1,8,,,,,0.5,0.48,0.52,64");
  });
});

describe("the scores of two runs", () => {
  const tableOf = (score: number) =>
    scoreTable(
      new Map([["style.scores", [point(1, 100, [row("fast", 4, 4, { styleSimilarity: score })])]]]),
      graph,
      library,
    );

  it("stand beside each other; one wins only where the intervals leave no doubt", () => {
    const [clear] = comparedScores([tableOf(0.8), tableOf(0.9)]);
    expect(clear?.title).toBe("fast, NFE 4, guidance 4");
    expect(clear?.values.map((each) => each?.mean)).toEqual([0.8, 0.9]);
    expect(clear?.winner).toBe(1);
    expect(comparedScores([tableOf(0.9), tableOf(0.8)])[0]?.winner).toBe(0);
    expect(comparedScores([tableOf(0.9), tableOf(0.92)])[0]?.winner).toBeNull();
  });

  it("are called by their NFE once, and matched however their samplers are called", () => {
    const called = (title: string): ScoreTable => {
      const { rows, metrics } = tableOf(0.8);
      return { rows: rows.map((each) => ({ ...each, title })), metrics };
    };
    const found = comparedScores([called("Student, NFE 4"), called("Student")]);
    expect(found.map(({ title }) => title)).toEqual(["Student, NFE 4, guidance 4"]);
    expect(found[0]?.values).toEqual([value(0.8), value(0.8)]);
  });

  it("keep what only one of them measured", () => {
    const [only] = comparedScores([tableOf(0.8), { rows: [], metrics: [] }]);
    expect(only?.values[1]).toBeUndefined();
    expect(only?.winner).toBeNull();
  });
});

describe("metrics", () => {
  const named = (...ids: string[]) => ids.map((id) => ({ id, title: id, better: "higher" as const }));

  it("are called as their nodes call them; of unknown nodes, as their names say", () => {
    const ssim = library.get("evaluate/ssim");
    expect(metricOf("ssim", ssim)).toEqual({ title: "SSIM", better: "higher" });
    expect(metricOf("someNewDistance", undefined)).toEqual({ title: "Some new distance", better: "lower" });
  });
  it("have columns of their own when two nodes measure the same", () => {
    const twice = new Map([
      ["style.scores", [point(1, 0, [row("fast", 4, 4, { styleSimilarity: 0.8 })])]],
      ["csd.scores", [point(2, 0, [row("fast", 4, 4, { styleSimilarity: 0.6 })])]],
    ]);
    const { rows, metrics } = scoreTable(twice, graph, library);
    expect(metrics.map(({ title }) => title)).toEqual(["Style similarity (style)", "Style similarity (csd)"]);
    expect(metrics.map(({ id }) => rows[0]?.values[id]?.mean)).toEqual([0.8, 0.6]);
  });
  it("choose style over content for the axes, and whatever there is otherwise", () => {
    expect(defaultAxes(named("fd", "contentAccuracy", "styleSimilarity"))).toEqual({
      x: "contentAccuracy",
      y: "styleSimilarity",
    });
    expect(defaultAxes(named("styleSimilarity", "psnr"))).toEqual({ x: "psnr", y: "styleSimilarity" });
    expect(defaultAxes(named("fd"))).toEqual({ x: "fd", y: "fd" });
    expect(defaultAxes([])).toEqual({ x: "", y: "" });
  });
});

describe("the evaluation panel", () => {
  let panel: ReturnType<typeof mount> | undefined;
  beforeEach(() => {
    setActivePinia(createPinia());
    useServerStore().useConnection(new FakeConnection());
  });
  afterEach(() => {
    panel?.unmount();
    vi.unstubAllGlobals();
  });

  async function show(bodies: Parameters<typeof numbered>[0]) {
    vi.stubGlobal("fetch", answering({ "/api/runs/r1/events": numbered(bodies), "/api/runs/r1": detail({ graph }) }));
    panel = mount(EvaluationPanel, { attachTo: document.body });
    await useRunStore().attach("r1");
    await nextTick();
    return panel;
  }
  const scores = (node: string, step: number, rows: ReturnType<typeof row>[]) => ({
    type: "data" as const,
    node,
    step,
    name: "scores",
    value: { rows },
  });

  it("says which nodes to add", async () => {
    panel = mount(EvaluationPanel);
    expect(panel.text()).toContain("Evaluation grid");
    const shown = await show([{ type: "status", status: "done" }]);
    expect(shown.text()).toContain("This run scored nothing");
  });

  it("shows the numbers with their intervals, sorts them, and draws a marker for each guidance", async () => {
    const both = { styleSimilarity: 0.5, contentAccuracy: 0.6 };
    const shown = await show([
      { type: "status", status: "running" },
      scores("style", 0, [row("path", 50, 4, { ...both, styleSimilarity: 0.9 })]),
      scores("style", 100, [row("fast", 4, 2, both), row("fast", 4, 8, { ...both, styleSimilarity: 0.7 })]),
    ]);
    const body = () => shown.findAll("tbody tr").map((line) => line.text());
    expect(body()).toHaveLength(3);
    expect(body()[0]).toContain("0.9");
    expect(body()[0]).toContain("± 0.020");
    expect(shown.findAll(".best")).toHaveLength(1);

    const sort = shown.findAll("thead button").find((button) => button.text().startsWith("Style similarity"));
    await sort?.trigger("click");
    expect(body().map((line) => /0\.[579]/.exec(line)?.[0])).toEqual(["0.9", "0.7", "0.5"]);
    await sort?.trigger("click");
    expect(body().map((line) => /0\.[579]/.exec(line)?.[0])).toEqual(["0.5", "0.7", "0.9"]);

    const chart = shown.find("[role=application]");
    expect(chart.text()).toContain("path · 50 NFE");
    expect(chart.text()).toContain("Style similarity");
    await chart.trigger("keydown", { key: "ArrowRight" });
    expect(shown.find(".tip").text()).toContain("guidance 4");
  });
});
