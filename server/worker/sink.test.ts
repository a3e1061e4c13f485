import { expect, test, vi } from "vitest";
import { FRAME_WINDOW, type FromWorker } from "./protocol";
import { WorkerSink } from "./sink";

test("a cell that shows the same again sends it once; taps are always sent", async () => {
  const messages: FromWorker[] = [];
  const sink: WorkerSink = new WorkerSink((message) => {
    messages.push(message);
    if (message.type === "frame") sink.frames.grant(1);
  }, "");
  const frame = (step: number, value: number, column: number, tap = false) =>
    sink.frame(
      { step, node: "viewer", socket: "teacher", row: 0, column, t: 0, shape: [1, 2, 2], ...(tap && { tap }) },
      new Float32Array(4).fill(value),
    );
  for (const step of [0, 10, 20]) frame(step, step === 20 ? 0.5 : -0.5, 0);
  frame(20, -0.5, 1);
  await sink.flush();
  frame(30, 0.5, 0, true);
  await sink.flush();
  frame(31, 0.5, 0, true);
  await sink.flush();
  const frames = messages.flatMap((message) => (message.type === "frame" ? [message] : []));
  const known = new Set<string | undefined>();
  expect(
    frames.map(({ info, image }) => {
      const isNew = !known.has(info.hash);
      known.add(info.hash);
      return [info.step, image === null, isNew];
    }),
  ).toEqual([
    [0, false, true],
    [10, true, false],
    [20, false, true],
    [20, false, false],
    [30, false, true],
    [31, false, false],
  ]);
  expect(frames[1]?.info.stats.mean).toBeCloseTo(-0.5);
  expect(sink.sentBytes()).toBe(
    frames.reduce((sum, { image, values }) => sum + (image?.byteLength ?? 0) + (values?.byteLength ?? 0), 0),
  );
});

test("what was skipped to keep up was not sent before", async () => {
  const messages: FromWorker[] = [];
  const sink = new WorkerSink((message) => messages.push(message), "");
  const place = { node: "viewer", socket: "student", t: 0 };
  const small = (step: number, row: number) =>
    sink.frame({ ...place, step, row, column: 0, shape: [1, 2, 2] }, new Float32Array(4).fill(0.5));
  // Nothing is taken: what follows waits, and is too much.
  for (let row = 1; row <= FRAME_WINDOW; row++) small(0, row);
  small(0, 0);
  const large = new Float32Array(2 ** 22);
  for (let step = 1; step <= 5; step++) sink.frame({ ...place, step, row: 0, column: 1, shape: [2 ** 21, 2] }, large);
  expect(sink.frames.dropped).toBeGreaterThan(0);
  small(10, 0);
  sink.frames.grant(1000);
  await vi.waitFor(() => expect(messages.at(-1)).toMatchObject({ info: { step: 10 } }), 10_000);
  expect(messages.at(-1)).toMatchObject({ image: expect.any(Uint8Array) });
});
