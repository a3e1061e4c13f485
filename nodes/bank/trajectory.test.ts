import type { HostIo, HostPart, HostTensor, HostTensors } from "@distillery/shared/graph/node";
import type { ConditionValue, ImageValue, StateValue } from "@distillery/shared/graph/wires";
import { add, sub } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  contextOf,
  emit,
  feedsOf,
  newStage,
  noResources,
  runStage,
  stableDiffusion,
  stateInput,
} from "../testing/stage";
import { fixedLabel, ownLabel, stepLabel } from "../time/labels";
import { trajectory } from "./trajectory";
import type { BankReport } from "./trajectoryHost";

const BATCH = 3;
const START = 6;
type Outputs = { x: StateValue; x0: ImageValue; condition: ConditionValue; mask: ImageValue | undefined };

/** A bank whose solver adds 1 to the state and goes down one node, so a state tells how far its path has come. */
function build(given: Record<string, unknown>, label = fixedLabel(START), hasMask = given.restore !== false) {
  const params = z.record(z.string(), z.unknown()).parse(trajectory.params.parse(given));
  const stage = newStage(BATCH);
  const fresh = stateInput(stage, stableDiffusion(), [2], label, "fresh");
  const classes = stage.graph.input("class", "int64", [BATCH]);
  const inputs = {
    x: fresh,
    x0: { x: stage.graph.input("x0", "float32", [BATCH, 2]) },
    condition: {
      tensors: { class: classes },
      nullTensors: { class: classes },
      labels: { class: 9 },
    } satisfies ConditionValue,
    mask: hasMask ? { x: stage.graph.input("mask", "float32", [BATCH, 1]) } : undefined,
  };
  const context = contextOf(stage, "bank", "Bank");
  const outputs = emit(trajectory, context, inputs, given) as Outputs;
  const { x, t } = outputs.x;
  const advanced: StateValue = {
    x: add(x, 1),
    t: { ...t, node: sub(t.node, 1), label: stepLabel(t.label, 1) },
  };
  const absorb = (state: StateValue = advanced) => {
    const all: Record<string, unknown> = { ...inputs, advanced: state };
    trajectory.absorb!(all as Record<string, never>, params, context);
  };
  const host = (): HostPart => {
    const feeds = Object.fromEntries(stage.hostInputs.map(({ name, input }) => [name, stage.graph.value(input)]));
    const part = trajectory.host!(params, { seed: 1, batch: BATCH, resources: noResources, inputs: {}, feeds });
    if (part instanceof Promise) throw new Error("the bank's host is made at once");
    return part;
  };
  return { stage, outputs, advanced, absorb, host };
}

const io = (step: number, seen: { metrics: Record<string, number>; reports: BankReport[] }): HostIo => ({
  step,
  metric: (name, value) => {
    seen.metrics[name] = value;
  },
  data: (_name, value) => seen.reports.push(value as BankReport),
  frame: () => undefined,
  log: () => undefined,
});

/** Fresh row r of step i is at 1000 i + 10 r, of class i, so every number says where it comes from. */
async function runSteps(built: ReturnType<typeof build>, host: HostPart, from: number, to: number) {
  const { stage, outputs } = built;
  const seen = { metrics: {} as Record<string, number>, reports: [] as BankReport[] };
  const rows: { x: number; node: number; x0: number; class: number; mask: number }[][] = [];
  for (let step = from; step < to; step++) {
    const fed = host.before!(step, (stream) => randomStream(3, stream, step));
    const value = Array.from({ length: BATCH * 2 }, (_, i) => 1000 * step + 10 * Math.floor(i / 2));
    const fetched = Object.fromEntries(stage.hostOutputs.map(({ name, output }) => [name, stage.graph.value(output)]));
    const result = await runStage(
      stage,
      {
        "seen.x": outputs.x.x,
        "seen.node": outputs.x.t.node,
        "seen.x0": outputs.x0.x,
        "seen.class": outputs.condition.tensors.class!,
        "seen.mask": outputs.mask?.x ?? outputs.x.x,
        ...fetched,
      },
      {
        ...feedsOf("bank", fed),
        xfresh: value,
        tfresh: Array(BATCH).fill(START),
        x0: value,
        class: Array(BATCH).fill(step),
        mask: Array(BATCH).fill(step),
      },
    );
    const values: HostTensors = Object.fromEntries(
      Object.entries(fetched).map(([name, { dtype, shape }]) => {
        const numbers = result[name as keyof typeof result];
        const data = dtype === "int64" ? BigInt64Array.from(numbers, BigInt) : Float32Array.from(numbers);
        return [name, { dtype, shape, data } satisfies HostTensor];
      }),
    );
    host.after!(step, values, io(step, seen));
    rows.push(
      Array.from({ length: BATCH }, (_, row) => ({
        x: result["seen.x"][row * 2]!,
        node: result["seen.node"][row]!,
        x0: result["seen.x0"][row * 2]!,
        class: result["seen.class"][row]!,
        mask: result["seen.mask"][row]!,
      })),
    );
  }
  return { rows, seen };
}

describe("trajectory bank", () => {
  it("continues stored paths with the condition and image they began with", async () => {
    const built = build({ slots: 2, rate: 0.8 });
    built.absorb();
    const { rows, seen } = await runSteps(built, built.host(), 0, 40);
    const all = rows.flat();
    for (const { x, node, x0, class: own, mask } of all) {
      // The state is its path's start plus one per node walked down.
      expect(x - x0).toBe(START - node);
      expect(own).toBe(Math.floor(x0 / 1000));
      expect(mask).toBe(own);
      expect(node).toBeGreaterThan(2);
    }
    rows.forEach((step, i) => {
      step.forEach(({ x0, node }, row) => {
        expect((x0 % 1000) / 10).toBe(row);
        if (node === START) expect(Math.floor(x0 / 1000)).toBe(i);
      });
    });
    expect(new Set(all.map(({ node }) => node))).toEqual(new Set([6, 5, 4, 3]));
    const report = seen.reports.at(-1)!;
    expect(seen.reports).toHaveLength(4);
    expect(report.visits.reduce((sum, count) => sum + count, 0)).toBe(all.length);
    expect(report.stored.reduce((sum, count) => sum + count, 0)).toBe(report.filled);
    expect(report.capacity).toBe(BATCH * 2);
    expect(seen.metrics.hitRate).toBeGreaterThan(0.3);
  });

  it("goes on with the current condition and image when told to, as released", async () => {
    const built = build({ slots: 2, rate: 0.8, restore: false });
    built.absorb();
    const { rows } = await runSteps(built, built.host(), 0, 20);
    expect(built.stage.hostInputs.map(({ name }) => name).sort()).toEqual(["node", "useBank", "x"]);
    rows.forEach((step, i) => {
      for (const { x0, class: own } of step) expect([Math.floor(x0 / 1000), own]).toEqual([i, i]);
    });
    expect(rows.flat().some(({ x, x0 }) => Math.floor(x / 1000) !== Math.floor(x0 / 1000))).toBe(true);
  });

  it("continues bit for bit from what it saved", async () => {
    const built = build({ slots: 2 });
    built.absorb();
    const whole = await runSteps(built, built.host(), 0, 24);
    const first = built.host();
    await runSteps(built, first, 0, 13);
    const second = built.host();
    second.load!(first.save!());
    const rest = await runSteps(built, second, 13, 24);
    expect(rest.rows).toEqual(whole.rows.slice(13));
    expect(rest.seen.reports).toEqual(whole.seen.reports.slice(1));
  });

  it("labels its states between the retire node and the start", () => {
    expect(build({}).outputs.x.t.label).toMatchObject({ min: 3, max: 6, text: 'the time of "Bank"' });
    const varied = build({}, ownLabel("start", "the start", 2, 39));
    expect(varied.outputs.x.t.label).toMatchObject({ min: 2, max: 39 });
  });

  it("refuses a state that is not a step below its own", () => {
    const built = build({});
    expect(() => built.absorb(built.outputs.x)).toThrow(/must lie below the bank's own/);
    const elsewhere = {
      ...built.advanced,
      t: { ...built.advanced.t, label: ownLabel("other", "another time", 0, 39) },
    };
    expect(() => built.absorb(elsewhere)).toThrow(expect.objectContaining({ code: "time-order", socket: "advanced" }));
  });

  it("wants a mask to stay with its path, and gives none where none is wired", () => {
    expect(() => build({ restore: false }, fixedLabel(START), true)).toThrow(
      /a stored path needs the mask it began with/,
    );
    expect(build({}, fixedLabel(START), false).outputs.mask).toBeUndefined();
  });

  it("refuses starts that would retire at once", () => {
    expect(() => build({}, fixedLabel(3))).toThrow(/retire at node 2 after one step/);
    expect(() => build({}, fixedLabel(4))).not.toThrow();
  });
});
