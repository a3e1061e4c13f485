import { describe, expect, it } from "vitest";
import type { EventBody } from "../protocol/events";
import { decodeCheckpoint } from "./checkpoint";
import { executeRun } from "./execute";
import type { RunEnvironment } from "./job";
import { lineDocument, lineLibrary } from "./testing/line";
import { testRuntime } from "./testing/nodeRuntime";

const resources: RunEnvironment["resources"] = {
  image: () => Promise.reject(new Error("no files here")),
  bytes: () => Promise.reject(new Error("no files here")),
  dataset: () => undefined,
  model: () => undefined,
};

function environment(stopAfter = Number.POSITIVE_INFINITY) {
  const events: EventBody[] = [];
  const checkpoints: { step: number; bytes: Uint8Array }[] = [];
  let turns = 0;
  let clock = 0;
  const env: RunEnvironment = {
    library: lineLibrary,
    resources,
    runtime: testRuntime,
    sink: {
      event: (body) => events.push(body),
      frame: () => undefined,
      checkpoint: (step, bytes) => checkpoints.push({ step, bytes }),
      artifact: () => undefined,
    },
    control: {
      taps: [],
      get cancelled() {
        return turns > stopAfter;
      },
      turn: async () => {
        turns++;
      },
    },
    now: () => (clock += 60),
  };
  return { env, events, checkpoints };
}

describe("executeRun", () => {
  it("trains: the parameter ends near what it follows, the loss falls", async () => {
    const { env, events, checkpoints } = environment();
    const summary = await executeRun({ runId: "r", document: lineDocument() }, env);
    expect(summary).toMatchObject({ status: "done", steps: 40 });
    const last = checkpoints.at(-1);
    const w = decodeCheckpoint(last?.bytes ?? new Uint8Array()).variables["follower/w"]?.data[0];
    expect(Math.abs(Number(w) - 3)).toBeLessThan(0.15);
    expect(summary.metrics.lossLast).toBeLessThan((summary.metrics.lossFirst ?? 0) / 20);
    const steps = events.filter((event) => event.type === "step").map(({ step }) => step);
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(40);
  });

  it("shows the step it has reached when it is paused", async () => {
    const { env, events } = environment();
    // A clock that stands still: no step but the first and the last would be reported by itself.
    const now = () => 0;
    let turns = 0;
    const turn = async (beforeWaiting?: () => void) => {
      if (++turns === 8) beforeWaiting?.();
    };
    await executeRun(
      { runId: "r", document: lineDocument() },
      { ...env, now, control: { taps: [], cancelled: false, turn } },
    );
    expect(events.flatMap((event) => (event.type === "step" ? [event.step] : []))).toEqual([1, 7, 40]);
  });

  it("gives the same weights twice, and another seed gives others", async () => {
    const run = async (seed: number) =>
      (await executeRun({ runId: "r", document: { ...lineDocument(), seed } }, environment().env)).weightsSha256;
    expect(await run(7)).toBe(await run(7));
    expect(await run(8)).not.toBe(await run(7));
  });

  it("stopped and resumed gives bit-identical weights, host state included", async () => {
    const whole = await executeRun({ runId: "r", document: lineDocument() }, environment().env);
    const stopped = environment(17);
    const half = await executeRun({ runId: "r", document: lineDocument() }, stopped.env);
    expect(half).toMatchObject({ status: "cancelled", steps: 17 });
    const checkpoint = stopped.checkpoints.at(-1)?.bytes ?? new Uint8Array();
    const rest = await executeRun({ runId: "r", document: lineDocument(), checkpoint }, environment().env);
    expect(rest.weightsSha256).toBe(whole.weightsSha256);
    expect(rest.metrics.lossFirst).toBe(whole.metrics.lossFirst);
  });

  it("says so when a checkpoint is as far as the run goes", async () => {
    const { env, checkpoints } = environment();
    await executeRun({ runId: "r", document: lineDocument() }, env);
    const checkpoint = checkpoints.at(-1)?.bytes ?? new Uint8Array();
    const warnings = async (steps: number) => {
      const again = environment();
      await executeRun({ runId: "r", document: lineDocument(), steps, checkpoint }, again.env);
      return again.events.filter((event) => event.type === "log" && event.level === "warning");
    };
    expect(await warnings(40)).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/at step 40: nothing is left to train/) }),
    ]);
    expect(await warnings(41)).toEqual([]);
  });

  it("stops a diverging run before it spoils the weights, naming step, tensor and node", async () => {
    const { env, events, checkpoints } = environment();
    const document = lineDocument({ noise: { blowUpAt: 25 } });
    const summary = await executeRun({ runId: "r", document }, { ...env, now: () => 0 });
    expect(summary.status).toBe("failed");
    expect(summary.error).toMatchObject({ node: "noise" });
    expect(summary.error?.message).toMatch(/Step 26: loss became NaN.*noise\.poison.*checkpoint after step 20 is kept/);
    expect(checkpoints.at(-1)?.step).toBe(20);
    expect(events.flatMap((event) => (event.type === "step" ? [event.step] : [])).at(-1)).toBe(25);
    expect(events).toContainEqual(expect.objectContaining({ type: "node", node: "noise", state: "error" }));
  });
});
