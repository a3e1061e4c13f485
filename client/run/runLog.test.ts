import type { EventBody, RunEvent } from "@distillery/shared/protocol/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunLog } from "./runLog";

const stats = { min: 0, max: 1, mean: 0.5, std: 0.2, nan: 0, inf: 0 };
const bodies: EventBody[] = [
  { type: "status", status: "running" },
  { type: "compiled", milliseconds: 12, steps: 40, stages: [{ name: "train", nodes: 400, parameters: 9000 }] },
  { type: "stage", step: 0, node: "half", title: "Half", index: 1, count: 2, begin: 0, end: 40 },
  { type: "node", node: "trainer", state: "running" },
  { type: "step", step: 1, steps: 40, stepsPerSecond: 10, series: { "trainer.loss": 4, "trainer.gradNorm": 1 } },
  { type: "metric", step: 1, node: "error", name: "trajectoryError", value: 0.9 },
  { type: "data", step: 1, node: "bank", name: "histogram", value: { ages: [1, 2] } },
  { type: "frame", step: 1, node: "viewer", socket: "teacher", row: 0, t: 999, shape: [2], stats, format: "webp" },
  { type: "step", step: 20, steps: 40, stepsPerSecond: 12, series: { "trainer.loss": 2 } },
  { type: "log", level: "warning", message: "slow" },
  { type: "checkpoint", step: 20, name: "step-20", bytes: 100 },
  { type: "step", step: 40, steps: 40, stepsPerSecond: 12, series: { "trainer.loss": 1 } },
  { type: "metric", step: 40, node: "error", name: "trajectoryError", value: 0.1 },
  { type: "artifact", name: "student.onnx", bytes: 10, mime: "application/octet-stream" },
  { type: "node", node: "trainer", state: "done", milliseconds: 3300 },
  { type: "status", status: "done" },
];
const events: RunEvent[] = bodies.map((body, i) => ({ ...body, seq: i + 1, time: 1000 + i }));

const replay = (batches: RunEvent[][]): RunLog => {
  const log = new RunLog("r");
  for (const batch of batches) log.take(batch);
  return log;
};

describe("the log of a run", () => {
  it("folds events into curves, metrics, frames and node states", () => {
    const log = replay([events]);
    expect(log.series.get("trainer.loss")?.values).toEqual([4, 2, 1]);
    expect(log.metrics.get("error.trajectoryError")?.steps).toEqual([1, 40]);
    expect(log.nodes.get("trainer")).toEqual({ state: "done", milliseconds: 3300, message: undefined });
    expect([log.status, log.step, log.steps, log.lastSeq]).toEqual(["done", 40, 40, events.length]);
    expect(log.frames).toHaveLength(1);
    expect(log.stage).toEqual({ node: "half", title: "Half", index: 1, count: 2 });
    expect(log.log[0]).toMatchObject({ message: 'Stage 2 of 2, "Half": steps 1 to 40.', node: "half" });
    expect(log.dataAt("bank", "histogram", 0)).toBeUndefined();
    expect(log.dataAt("bank", "histogram", 7)?.value).toEqual({ ages: [1, 2] });
  });

  it("is the same however the events are cut, repeated or shuffled", () => {
    const whole = replay([events]);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(events, { minLength: 0 }),
        fc.shuffledSubarray(events, { minLength: events.length }),
        (some, all) => {
          const half = Math.floor(all.length / 2);
          expect(replay([some, all.slice(0, half), some, all.slice(half)])).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("holds back what comes after a missing event", () => {
    const log = replay([events.slice(0, 3), events.slice(5)]);
    expect([log.lastSeq, log.hasGap, log.status]).toEqual([3, true, "running"]);
    log.take(events.slice(3, 5));
    expect([log.lastSeq, log.hasGap, log.status]).toEqual([events.length, false, "done"]);
  });

  it("marks the failed node and clears the mark when the run goes on", () => {
    const log = new RunLog("r");
    log.take([
      { seq: 1, time: 1, type: "node", node: "other", state: "running" },
      { seq: 2, time: 2, type: "status", status: "failed", message: "NaN in step 7", node: "loss" },
    ]);
    expect(log.error).toEqual({ message: "NaN in step 7", node: "loss" });
    expect([log.nodes.get("loss")?.state, log.nodes.get("other")?.state]).toEqual(["error", "idle"]);
    log.take([{ seq: 3, time: 3, type: "status", status: "running" }]);
    expect(log.error).toBeNull();
  });

  it("replaces the part of a curve that a continued run does again", () => {
    const log = new RunLog("r");
    const step = (seq: number, at: number, loss: number): RunEvent => ({
      seq,
      time: seq,
      type: "step",
      step: at,
      steps: 9,
      stepsPerSecond: 1,
      series: { "t.loss": loss },
    });
    log.take([step(1, 1, 9), step(2, 5, 5), step(3, 8, 2), step(4, 6, 4)]);
    expect(log.series.get("t.loss")?.steps).toEqual([1, 5, 6]);
  });
});
