import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HostTensors } from "../graph/node";
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from "./safetensors";

const tensors: HostTensors = {
  b: { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -2, 3.5, Number.NaN) },
  a: { dtype: "int64", shape: [3], data: BigInt64Array.of(1n, -1n, 2n ** 40n) },
  empty: { dtype: "uint8", shape: [0], data: new Uint8Array() },
};

/** A file with a header of our choosing over `bytes` bytes of data. */
const file = (header: string, bytes: number): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const out = new Uint8Array(8 + text.length + bytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  return out;
};

describe("safetensors", () => {
  it("reads back what it wrote", () => {
    const { tensors: read, metadata } = decodeSafetensors(encodeSafetensors(tensors, { hello: "world" }));
    expect(read).toEqual(tensors);
    expect(metadata).toEqual({ hello: "world" });
  });

  it("reads a file that Node read into a larger buffer", () => {
    const bytes = encodeSafetensors(tensors);
    const pool = Buffer.concat([Buffer.alloc(64), bytes, Buffer.alloc(64)]);
    const { tensors: read } = decodeSafetensors(pool.subarray(64, 64 + bytes.length));
    expect(read).toEqual(tensors);
  });

  it("writes the published layout", () => {
    const bytes = encodeSafetensors({ x: { dtype: "float32", shape: [1], data: Float32Array.of(1) } });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
      __metadata__: {},
      x: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
    });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it.each([
    ["a short file", new Uint8Array(3)],
    ["a header longer than the file", file('{"x":1}', 0).fill(0xff, 0, 7)],
    ["a header that is not JSON", file("nonsense", 0)],
    ["a hole between tensors", file('{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2)],
    [
      "overlapping tensors",
      file(
        '{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        3,
      ),
    ],
    ["a lying shape", file('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4)],
    ["an overflowing shape", file('{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', 0)],
    ["bytes nobody claims", file('{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 2)],
    ["a tensor beyond the end", file('{"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}', 1)],
    ["metadata that is not text", file('{"__metadata__":{"a":1}}', 0)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError);
  });

  it("never fails in any other way on damaged files", () => {
    const good = encodeSafetensors(tensors);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
    );
  });
});
