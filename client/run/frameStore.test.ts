// @vitest-environment happy-dom
import type { FrameHeader } from "@distillery/shared/protocol/socket";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BitmapCache } from "./bitmapCache";
import { FrameIndex } from "./frameIndex";
import { useFrameStore } from "./frameStore";
import { stats } from "./testing";

const header = (seq: number, over: Partial<FrameHeader> = {}): FrameHeader => ({
  runId: "r1",
  seq,
  step: seq,
  node: "viewer",
  socket: "student",
  row: 0,
  column: 0,
  t: 9,
  shape: [2],
  stats,
  format: "png",
  ...over,
});

class Picture {
  isClosed = false;
  readonly width = 1;
  readonly height = 1;
  close(): void {
    this.isClosed = true;
  }
}

describe("the index of frames", () => {
  it("finds the newest picture not later than a step", () => {
    const index = new FrameIndex();
    for (const step of [0, 10, 20]) index.add({ ...header(step + 1), step });
    const place = { node: "viewer", socket: "student", row: 0, column: 0 };
    expect([index.at(place)?.step, index.at(place, 19)?.step, index.at(place, 0)?.step]).toEqual([20, 10, 0]);
    expect(index.at({ ...place, row: 1 })).toBeUndefined();
    expect(index.steps("viewer")).toEqual([0, 10, 20]);
  });

  it("replaces what a continued run does again", () => {
    const index = new FrameIndex();
    for (const [seq, step] of [
      [1, 0],
      [2, 10],
      [3, 20],
      [4, 10],
    ] as const)
      index.add({ ...header(seq), step });
    expect(index.at({ node: "viewer", socket: "student", row: 0, column: 0 })?.seq).toBe(4);
    expect(index.steps("viewer")).toEqual([0, 10]);
  });

  it("shows the student's last state as thumbnail, never a tap", () => {
    const index = new FrameIndex();
    index.add(header(1, { column: 3 }));
    index.add(header(2, { socket: "difference", column: 3 }));
    index.add(header(3, { column: 0 }));
    index.add(header(4, { tap: true, column: 3 }));
    expect(index.newest("viewer")?.seq).toBe(1);
  });
});

describe("the cache of bitmaps", () => {
  it("closes what leaves it, least recently used first", () => {
    const cache = new BitmapCache<Picture>(2);
    const [a, b, c] = [new Picture(), new Picture(), new Picture()];
    cache.put(1, a);
    cache.put(2, b);
    cache.get(1);
    cache.put(3, c);
    expect([a.isClosed, b.isClosed, c.isClosed]).toEqual([false, true, false]);
    cache.clear();
    expect([a.isClosed, c.isClosed, cache.size]).toEqual([true, true, 0]);
  });
});

describe("live frames", () => {
  let decoded: Picture[];
  beforeEach(() => {
    setActivePinia(createPinia());
    decoded = [];
    vi.stubGlobal("createImageBitmap", async () => {
      const picture = new Picture();
      decoded.push(picture);
      return picture;
    });
  });
  afterEach(() => vi.unstubAllGlobals());
  const image = new ArrayBuffer(4);

  it("are decoded when somebody looks, once, and without another request", async () => {
    const frames = useFrameStore();
    frames.open("r1");
    frames.receive(header(1), image, null);
    frames.receive(header(2, { row: 1 }), image, null);
    expect(decoded).toHaveLength(0);
    const [first, again] = await Promise.all([frames.load(2), frames.load(2)]);
    expect(first).toBe(decoded[0]);
    expect(again).toBe(first);
    expect(frames.cached(2)).toBe(first);
    expect(decoded).toHaveLength(1);
    expect(frames.cached(1)).toBeUndefined();
  });

  it("are waited for when their event comes before their pixels", async () => {
    const frames = useFrameStore();
    frames.open("r1");
    const early = frames.load(7, true);
    frames.receive(header(7), image, null);
    expect(await early).toBe(decoded[0]);
  });

  it("of another run are ignored; leaving a run closes its pictures", async () => {
    const frames = useFrameStore();
    frames.open("r1");
    frames.receive(header(1, { runId: "other" }), image, null);
    frames.receive(header(2), image, null);
    await frames.load(2);
    expect(frames.at({ node: "viewer", socket: "student", row: 0, column: 0 })?.seq).toBe(2);
    frames.close();
    expect(decoded.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  it("of equal content are loaded once; when its step is removed, what is kept stands for itself", async () => {
    const frames = useFrameStore();
    frames.open("r1");
    frames.receive(header(1, { hash: "a", step: 0 }), image, new Float32Array([1, 2]).buffer);
    frames.addToIndex("r1", [header(2, { hash: "a", step: 10 }), header(3, { hash: "b", step: 10, row: 1 })]);
    const first = await frames.load(1);
    expect(await frames.load(2)).toBe(first);
    expect(frames.cached(2)).toBe(first);
    expect([...(await frames.loadValues(2))]).toEqual([1, 2]);
    expect(decoded).toHaveLength(1);

    frames.forget("r1", [0], false);
    const place = { node: "viewer", socket: "student", row: 0, column: 0 };
    expect(frames.index.stepsAt(place)).toEqual([10]);
    expect(frames.at(place, 5)).toBeUndefined();
    expect(frames.cached(2)).toBeUndefined();
  });

  it("give their raw values without another request", async () => {
    const frames = useFrameStore();
    frames.open("r1");
    frames.receive(header(1), image, new Float32Array([1, 2]).buffer);
    expect([...(await frames.loadValues(1))]).toEqual([1, 2]);
  });
});
