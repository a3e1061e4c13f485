// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import LogPanel from "../panels/LogPanel.vue";
import RunHistoryPanel from "../panels/RunHistoryPanel.vue";
import { RUN_ACTIONS, type RunActions } from "../run/runActions";
import { useRunStore } from "../run/runStore";
import { useServerStore } from "../run/serverStore";
import { answering, detail, FakeConnection, graph, numbered, stats } from "../run/testing";
import Menu from "../theme/Menu.vue";
import CurvesPanel from "./curves/CurvesPanel.vue";
import WirePanel from "./taps/WirePanel.vue";
import TrajectoryPanel from "./trajectory/TrajectoryPanel.vue";

/** uPlot draws; what it is given is checked elsewhere. */
vi.mock("uplot", () => ({
  default: class {
    static join = (tables: unknown[]) => tables;
    setData() {}
    setSize() {}
    destroy() {}
  },
}));

const frame = (socket: string, column: number, step: number) => ({
  type: "frame" as const,
  node: "viewer",
  socket,
  column,
  step,
  row: 0,
  t: 900 - 450 * column,
  shape: [3, 4, 4],
  stats,
  format: "png" as const,
});
const rows = ["teacher", "student", "difference"].map((socket) => ({
  socket,
  title: socket === "student" ? "Student path" : socket,
  nfe: 2,
  timesteps: [900, 450, 0],
}));
const evaluation = (step: number) => [
  ...rows.flatMap(({ socket }) => [0, 1, 2].map((column) => frame(socket, column, step))),
  { type: "data" as const, step, node: "viewer", name: "rows", value: rows },
];
const events = numbered([
  { type: "status", status: "running" },
  { type: "compiled", milliseconds: 41, steps: 10, stages: [{ name: "train", nodes: 300, parameters: 1200 }] },
  ...evaluation(0),
  { type: "step", step: 5, steps: 10, stepsPerSecond: 3, series: { "t.loss": 0.5, "t.learningRate": 0.001 } },
  { type: "metric", step: 5, node: "e", name: "trajectoryError@2", value: 0.25 },
  ...evaluation(5),
  { type: "log", level: "warning", message: "The bank is almost empty", node: "viewer" },
]);

let wrapper: { unmount(): void } | undefined;
beforeEach(async () => {
  setActivePinia(createPinia());
  useServerStore().useConnection(new FakeConnection());
  vi.stubGlobal("createImageBitmap", async () => ({ width: 4, height: 4, close() {} }));
  vi.stubGlobal(
    "fetch",
    answering({
      "/api/runs/r1/events": events,
      "/api/runs/r1": detail(),
      "/api/runs": [detail({ id: "r1" }), detail({ id: "r0", status: "failed", error: { message: "NaN at step 7" } })],
    }),
  );
});
afterEach(() => {
  wrapper?.unmount();
  wrapper = undefined;
  useRunStore().detach();
  vi.unstubAllGlobals();
});
const attach = () => useRunStore().attach("r1");

describe("the trajectory viewer", () => {
  it("says what to do before there is a run", () => {
    const view = mount(TrajectoryPanel);
    wrapper = view;
    expect(view.text()).toContain("Press Run");
  });

  it("shows teacher, student and difference at each time of the student", async () => {
    await attach();
    const view = mount(TrajectoryPanel);
    wrapper = view;
    expect(view.findAll("th.row-name").map((cell) => cell.text())).toEqual(["Teacher", "Student", "Difference"]);
    expect(view.findAll("th.time").map((cell) => cell.text())).toEqual(["900", "450", "0"]);
    expect(view.findAll("button.cell:not([disabled])")).toHaveLength(9);
    expect(view.text()).toContain("step 5");
  });

  it("says at which times states are compared, maps errors in one range, and draws principal components", async () => {
    const values = (seq: number) => Float32Array.from({ length: 48 }, (_, i) => Math.sin(seq * (i + 1)));
    const usual = globalThis.fetch;
    vi.stubGlobal("fetch", async (input: string) => {
      const seq = /frames\/(\d+)/.exec(String(input))?.[1];
      return seq === undefined ? usual(input) : new Response(values(Number(seq)).buffer);
    });
    await attach();
    const view = mount(TrajectoryPanel);
    wrapper = view;
    expect(view.find("caption").text()).toContain("at equal times");
    const toggle = (name: string) => view.findAll("button.toggle").find((button) => button.text() === name);
    await toggle("Error map")?.trigger("click");
    expect(view.findAll(".error-cell")).toHaveLength(3);
    // The frames' statistics run from -1 to 1.
    expect(view.find(".groups .legend").text()).toBe("00.51");
    await toggle("Components")?.trigger("click");
    await vi.waitFor(() => expect(view.find(".components").text()).toMatch(/components: \d+\.\d % and \d+\.\d %/));
    expect(view.find(".components .legend").text()).toContain("Teacher");
    // What is hidden stays hidden when another step brings other components.
    const isShown = () => view.find(".components .key").attributes("aria-pressed");
    await view.find(".components .key").trigger("click");
    const before = view.find(".components .note").text();
    await view.find("input[aria-label='Training step']").setValue("0");
    await vi.waitFor(() => expect(view.find(".components .note").text()).not.toBe(before));
    expect(isShown()).toBe("false");
  });

  it("says why there are no principal components", async () => {
    await attach();
    const view = mount(TrajectoryPanel);
    wrapper = view;
    await view
      .findAll("button.toggle")
      .find((button) => button.text() === "Components")
      ?.trigger("click");
    await vi.waitFor(() => expect(view.find(".components").text()).toMatch(/does not exist/));
  });

  it("offers films of the training only where somebody can make them", async () => {
    await attach();
    const view = mount(TrajectoryPanel);
    wrapper = view;
    const offered = () =>
      view
        .findComponent(Menu)
        .props("items")
        .map((each) => (typeof each === "string" ? each : each.id));
    expect(offered()).toEqual(["png", "webp", "gif", "csv", "npy"]);
    const source = { image: async () => new Blob(), values: async () => new Float32Array(48) };
    const { status, label, device, seed, step, steps, createdAt } = detail();
    useRunStore().show({ status, label, device, seed, step, steps, createdAt, graph, events }, source);
    await nextTick();
    expect(offered()).toEqual(["png", "csv", "npy"]);
  });

  it("travels back to an earlier training step, and a clicked cell comes along", async () => {
    await attach();
    const view = mount(TrajectoryPanel);
    wrapper = view;
    await view.findAll("button.cell")[4]?.trigger("click");
    expect(view.find(".cell-inspector").text()).toContain("t = 450 · step 5 · [3, 4, 4]");
    await view.find("input[aria-label='Training step']").setValue("0");
    expect(view.find(".cell-inspector").text()).toContain("t = 450 · step 0");
    expect(view.find("button.live").attributes("aria-pressed")).toBe("false");
    await view.find("button.live").trigger("click");
    expect(view.find(".cell-inspector").text()).toContain("step 5");
  });
});

describe("the other panels", () => {
  it("draw a chart for each thing measured", async () => {
    await attach();
    const view = mount(CurvesPanel);
    wrapper = view;
    expect(view.findAll("h3").map((title) => title.text())).toEqual(["Loss", "Trajectory error", "Learning rate"]);
  });

  it("list messages, and lead to the node of one", async () => {
    await attach();
    const view = mount(LogPanel);
    wrapper = view;
    expect(view.text()).toContain("Compiled in 41 ms. train: 300 operations, 1,200 parameters.");
    await view.find("button.jump").trigger("click");
    expect(view.emitted("jump")).toEqual([["viewer"]]);
  });

  it("list runs with their errors; two can be ticked for comparing", async () => {
    const nothing = () => {};
    const actions: RunActions = {
      view: nothing,
      useValues: nothing,
      openGraph: nothing,
      again: nothing,
      continueRun: nothing,
      playground: nothing,
      compare: nothing,
      showDifferences: nothing,
      jump: nothing,
    };
    const view = mount(RunHistoryPanel, { global: { provide: { [RUN_ACTIONS]: actions } } });
    wrapper = view;
    await vi.waitFor(() => expect(view.findAll("tbody tr")).toHaveLength(2));
    expect(view.text()).toContain("NaN at step 7");
    const compare = view.findAll("button").find((button) => button.text() === "Compare");
    expect(compare?.attributes("disabled")).toBeDefined();
    for (const box of view.findAll("input[type=checkbox]")) await box.trigger("change");
    await nextTick();
    expect(compare?.attributes("disabled")).toBeUndefined();
  });

  it("ask for a wire before showing one", () => {
    const view = mount(WirePanel);
    wrapper = view;
    expect(view.text()).toContain("Click a wire");
  });
});
