import type { RunEvent } from "@distillery/shared/protocol/events";
import type { FrameHeader } from "@distillery/shared/protocol/socket";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type LiveFrame, Outbox } from "./outbox";

const event = (seq: number): RunEvent => ({ type: "log", level: "info", message: `${seq}`, seq, time: seq });

function fixture() {
  const log: RunEvent[] = [];
  const seen: number[] = [];
  const frames: LiveFrame[] = [];
  let clear = true;
  const outbox = new Outbox(
    {
      isClear: () => clear,
      sendEvents: (_runId, events) => {
        seen.push(...events.map(({ seq }) => seq));
        clear = false;
      },
      sendFrame: (frame) => frames.push(frame),
    },
    (_runId, after, limit) => log.slice(after, after + limit),
  );
  return {
    outbox,
    seen,
    frames,
    append: (count: number) => {
      for (let i = 0; i < count; i++) log.push(event(log.length + 1));
      outbox.pump();
    },
    drain: () => {
      clear = true;
      outbox.pump();
    },
    log,
  };
}

test("every event arrives once and in order, however fast the viewer is", () => {
  const action = fc.oneof(fc.record({ append: fc.integer({ min: 1, max: 1500 }) }), fc.constant("drain" as const));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), fc.integer({ min: 0, max: 50 }), (actions, after) => {
      const { outbox, seen, append, drain, log } = fixture();
      append(after);
      outbox.subscribe("r", after);
      for (const step of actions) {
        if (step === "drain") drain();
        else append(step.append);
      }
      while (seen.length < log.length - after) drain();
      expect(seen).toEqual(log.slice(after).map(({ seq }) => seq));
    }),
  );
});

test("of a picture only the newest waits, and memory stays bounded", () => {
  const { outbox, frames, append, drain } = fixture();
  outbox.subscribe("r", 0);
  append(1);
  const stats = { min: 0, max: 0, mean: 0, std: 0, nan: 0, inf: 0 };
  const header = (row: number, step: number): FrameHeader => ({
    runId: "r",
    seq: step,
    step,
    node: "n",
    socket: "s",
    row,
    t: 0,
    shape: [1],
    stats,
    format: "webp",
  });
  const image = new Uint8Array(1);
  for (let step = 0; step < 100; step++) {
    for (let row = 0; row < 20; row++) outbox.addFrame({ header: header(row, step), image, values: null });
    outbox.pump();
  }
  expect(frames).toHaveLength(0);
  drain();
  expect(frames).toHaveLength(20);
  expect(new Set(frames.map((frame) => frame.header.step))).toEqual(new Set([99]));
  append(1);
  for (let row = 0; row < 5000; row++) outbox.addFrame({ header: header(row, 1), image, values: null });
  drain();
  expect(frames.length).toBeLessThanOrEqual(20 + 1024);
});
