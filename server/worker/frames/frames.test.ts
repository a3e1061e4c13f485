import type { FrameInfo } from "@distillery/shared/protocol/events";
import { statisticsOf } from "@distillery/shared/tensor/statistics";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type EncodedFrame, encodeFrame } from "./encode";
import { FrameQueue } from "./queue";
import { rasterize } from "./rasterize";

type Info = Omit<FrameInfo, "stats" | "format">;
const info = (over: Partial<Info> = {}): Info => ({
  step: 0,
  node: "n",
  socket: "s",
  row: 0,
  t: 0,
  shape: [1, 1, 1],
  ...over,
});

describe("statistics", () => {
  test("of known values", () => {
    const stats = statisticsOf(new Float32Array([1, 2, 3, 4]));
    expect(stats).toEqual({ min: 1, max: 4, mean: 2.5, std: Math.sqrt(1.25), nan: 0, inf: 0 });
  });
  test("count what is not finite, and never are it", () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(statisticsOf(new Float32Array([...bad, 2]))).toEqual({ min: 2, max: 2, mean: 2, std: 0, nan: 1, inf: 2 });
    expect(statisticsOf(new Float32Array(bad))).toMatchObject({ min: 0, max: 0, mean: 0, nan: 1, inf: 2 });
  });
});

describe("pictures", () => {
  test("an image in [-1, 1] becomes exactly its bytes, losslessly", async () => {
    const values = new Float32Array([-1, 1, 0, 0.5, -0.5, 1, 1, 1, -1, 0, 0, -1]);
    const { image, info: encoded, values: raw } = await encodeFrame(info({ shape: [3, 2, 2] }), values);
    const { data, info: decoded } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
    expect([decoded.width, decoded.height, decoded.channels]).toEqual([2, 2, 3]);
    expect([...data]).toEqual([0, 64, 0, 255, 255, 128, 128, 255, 128, 191, 255, 0]);
    expect(encoded).toMatchObject({ format: "webp", stats: { min: -1, max: 1 } });
    expect(new Float32Array(raw.buffer, raw.byteOffset, 12)).toEqual(values);
  });

  test("values that are not numbers are seen in magenta", () => {
    expect([...rasterize([1, 1, 1], new Float32Array([Number.NaN])).data]).toEqual([255, 0, 255]);
  });

  test("points are drawn where they are, y upwards; far ones and bad ones nowhere", () => {
    const ink = (points: number[]) => {
      const { data, width } = rasterize([points.length / 2, 2], new Float32Array(points));
      return Array.from({ length: data.length / 4 }, (_, i) => i).flatMap((i) =>
        data[i * 4 + 3] ? [[i % width, Math.floor(i / width)]] : [],
      );
    };
    const corner = ink([2.9, 2.9]);
    expect(corner.length).toBeGreaterThan(3);
    for (const [x = 0, y = 0] of corner) expect([x > 150, y < 10]).toEqual([true, true]);
    expect(ink([50, 0, Number.NaN, 0, Number.POSITIVE_INFINITY, 1])).toEqual([]);
  });

  test("other shapes become a grey map", () => {
    expect(rasterize([10], new Float32Array(10))).toMatchObject({ width: 4, height: 3, channels: 3 });
  });
});

describe("the queue", () => {
  const fake = async (frame: Info, values: Float32Array): Promise<EncodedFrame> => ({
    info: { ...frame, stats: statisticsOf(values), format: "webp" },
    image: new Uint8Array(1),
    values: new Uint8Array(values.buffer),
  });
  const make = (credit: number) => {
    const sent: FrameInfo[] = [];
    const errors: unknown[] = [];
    const queue = new FrameQueue(
      fake,
      (frame) => sent.push(frame.info),
      (error) => errors.push(error),
      credit,
    );
    return { queue, sent, errors };
  };

  test("sends in order, no more than it has credit for", async () => {
    const { queue, sent } = make(3);
    for (let row = 0; row < 10; row++) queue.add(info({ row }), new Float32Array(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ row }) => row)).toEqual([0, 1, 2]);
    queue.grant(100);
    await queue.flush();
    expect(sent.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(queue.dropped).toBe(0);
  });

  test("is empty only when all was taken", async () => {
    const { queue } = make(2);
    let isEmpty = false;
    for (let row = 0; row < 2; row++) queue.add(info({ row }), new Float32Array(1));
    const flushed = queue.flush().then(() => {
      isEmpty = true;
    });
    for (let taken = 0; taken < 2; taken++) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(isEmpty).toBe(false);
      queue.grant(1);
    }
    await flushed;
  });

  test("keeps all steps of a viewer, of a tap only the newest", async () => {
    const { queue, sent } = make(0);
    for (let step = 0; step < 5; step++) {
      queue.add(info({ step }), new Float32Array(1));
      queue.add(info({ step, tap: true }), new Float32Array(1));
    }
    queue.grant(100);
    await queue.flush();
    expect(sent.filter(({ tap }) => !tap).map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
    expect(sent.filter(({ tap }) => tap).map(({ step }) => step)).toEqual([4]);
    expect(queue.dropped).toBe(4);
  });

  test("drops the oldest beyond its memory", async () => {
    const { queue, sent } = make(0);
    const megabytes = 2 ** 18;
    for (let step = 0; step < 70; step++) queue.add(info({ step }), new Float32Array(megabytes));
    queue.grant(100);
    await queue.flush();
    expect(sent.map(({ step }) => step)).toEqual(Array.from({ length: 64 }, (_, i) => i + 6));
  });

  test("goes on after a frame that cannot be encoded", async () => {
    const sent: number[] = [];
    const errors: unknown[] = [];
    const picky = async (frame: Info, values: Float32Array) => {
      if (frame.row === 1) throw new Error("no");
      return fake(frame, values);
    };
    const queue = new FrameQueue(
      picky,
      (frame) => sent.push(frame.info.row),
      (error) => errors.push(error),
      2,
    );
    for (let row = 0; row < 3; row++) queue.add(info({ row }), new Float32Array(1));
    queue.grant(2);
    await queue.flush();
    expect([sent, errors.length]).toEqual([[0, 2], 1]);
  });
});
