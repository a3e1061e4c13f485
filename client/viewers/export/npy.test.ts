import { describe, expect, it } from "vitest";
import { encodeNpy } from "./npy";

/** Reads a file as numpy's documentation describes it. */
function read(file: Uint8Array) {
  const view = new DataView(file.buffer);
  expect([...file.slice(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const length = view.getUint16(8, true);
  expect((10 + length) % 64).toBe(0);
  const header = new TextDecoder("ascii").decode(file.slice(10, 10 + length));
  expect(header.endsWith("\n")).toBe(true);
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  const values = Array.from({ length: (file.length - 10 - length) / 4 }, (_, i) =>
    view.getFloat32(10 + length + 4 * i, true),
  );
  return { header: header.trimEnd(), shape, values };
}

describe("NPY files", () => {
  it("have the layout that numpy documents", () => {
    const values = new Float32Array([0, 1.5, -2, Number.NaN, Number.POSITIVE_INFINITY, 1e-30]);
    const found = read(encodeNpy(values, [2, 3]));
    expect(found.header).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    expect(found.shape).toEqual([2, 3]);
    expect(Float32Array.from(found.values)).toEqual(values);
  });
  it("are byte for byte what numpy.save writes", () => {
    // numpy 1.24: numpy.save(file, numpy.array([1, 2, 3], "float32")), in hexadecimal
    const saved =
      "934e554d505901007600" +
      Buffer.from("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".padEnd(117)).toString("hex") +
      "0a0000803f0000004000004040";
    expect(Buffer.from(encodeNpy(new Float32Array([1, 2, 3]), [3])).toString("hex")).toBe(saved);
  });
  it("of one number and of many axes", () => {
    expect(read(encodeNpy(new Float32Array([7]), [])).header).toContain("'shape': (), ");
    const shape = [3, 1, 2, 1, 4];
    expect(read(encodeNpy(new Float32Array(24), shape)).shape).toEqual(shape);
    expect(() => encodeNpy(new Float32Array(3), [2, 2])).toThrow("has 4 values, not 3");
  });
});
