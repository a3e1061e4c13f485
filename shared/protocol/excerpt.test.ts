import { expect, test } from "vitest";
import type { EventBody, RunEvent } from "./events";
import { excerptOf } from "./excerpt";

const stats = { min: 0, max: 1, mean: 0, std: 1, nan: 0, inf: 0 };
const numbered = (bodies: EventBody[]): RunEvent[] => bodies.map((body, i) => ({ ...body, seq: i + 1, time: i }));
const frame = (step: number, tap?: boolean): EventBody => ({
  type: "frame",
  step,
  node: "viewer",
  socket: "student",
  row: 0,
  t: null,
  shape: [1],
  stats,
  format: "webp",
  ...(tap ? { tap } : {}),
});
const data = (step: number): EventBody => ({ type: "data", step, node: "viewer", name: "rows", value: [] });
const step = (at: number): EventBody => ({
  type: "step",
  step: at,
  steps: 9999,
  stepsPerSecond: 1,
  series: { loss: at },
});

test("long curves and many pictures are thinned evenly, both ends kept, pictures with their data", () => {
  const events = numbered(Array.from({ length: 5000 }, (_, i) => [step(i), frame(i), data(i)]).flat());
  const kept = excerptOf(events, 5);
  const stepsOf = (type: string) =>
    kept.flatMap((event) => (event.type === type && "step" in event ? [event.step] : []));
  expect(stepsOf("step")).toHaveLength(1000);
  expect([stepsOf("step")[0], stepsOf("step").at(-1)]).toEqual([0, 4999]);
  expect(stepsOf("frame")).toEqual([0, 1250, 2500, 3749, 4999]);
  expect(stepsOf("data")).toEqual(stepsOf("frame"));
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map(({ seq }) => seq).sort((a, b) => a - b));
});

test("taps, log lines, files and removed pictures stay behind; of a node the last state comes along", () => {
  const kept = excerptOf(
    numbered([
      { type: "log", level: "info", message: "/home/me" },
      { type: "node", node: "a", state: "running" },
      { type: "node", node: "a", state: "done" },
      frame(1),
      frame(2, true),
      frame(3),
      { type: "thinned", steps: [1], tap: false, bytes: 1, scope: "run" },
      { type: "artifact", name: "x.onnx", bytes: 1, mime: "a/b" },
    ]),
  );
  expect(kept.map(({ seq }) => seq)).toEqual([3, 6]);
});
