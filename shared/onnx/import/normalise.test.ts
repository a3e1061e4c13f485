import { describe, expect, it } from "vitest";
import type { FileAttribute, FileNode } from "../codec";
import { normalise } from "./normalise";
import type { PlanNode, Surroundings } from "./plan";

const ints = (...value: number[]): FileAttribute => ({ kind: "ints", value });
const int = (value: number): FileAttribute => ({ kind: "int", value });
const text = (value: string): FileAttribute => ({ kind: "string", value });

/** Normalises a node of an `opset` file whose values have the given shapes; `constants` are stored values. */
function convert(
  op: string,
  opset: number,
  shapes: Record<string, number[]>,
  attributes: Record<string, FileAttribute>,
  constants: Record<string, number[]> = {},
): PlanNode {
  const names = Object.keys(shapes);
  const outputs = names.filter((name) => name.startsWith("y"));
  const inputs = names.filter((name) => !outputs.includes(name));
  const node: FileNode = { op, domain: "", name: "/block/op", inputs, outputs, attributes };
  const around: Surroundings = {
    opset,
    typeOf: (name) => ({ dtype: "float32", shape: shapes[name]! }),
    constantOf: (name) => constants[name] && Float32Array.from(constants[name]),
  };
  return normalise(node, around);
}

const list = (...constant: number[]) => ({ constant, shape: [constant.length], dtype: "int64" });

describe("normalise", () => {
  it("turns axes of opset 12 into an input", () => {
    const node = convert("ReduceMean", 12, { x: [2, 3], y: [2, 1] }, { axes: ints(1), keepdims: int(1) });
    expect(node.inputs).toEqual([{ value: "x" }, list(1)]);
    expect(node.attributes).toEqual({ keepdims: int(1) });
  });

  it("turns the sizes of Split, given or not, into an input", () => {
    const given = convert("Split", 11, { x: [2, 5], y0: [2, 2], y1: [2, 3] }, { axis: int(1), split: ints(2, 3) });
    const counted = convert("Split", 18, { x: [2, 5], y0: [2, 3], y1: [2, 2] }, { axis: int(1), num_outputs: int(2) });
    expect(given.inputs[1]).toEqual(list(2, 3));
    expect(counted.inputs[1]).toEqual(list(3, 2));
    expect(counted.attributes).toEqual({ axis: int(1) });
  });

  it("turns the bounds of Clip, the range of Slice and the pads of Pad into inputs", () => {
    const clip = convert("Clip", 6, { x: [2], y: [2] }, { min: { kind: "float", value: -1 } });
    expect(clip.inputs).toEqual([{ value: "x" }, { constant: [-1], shape: [], dtype: "float32" }, null]);
    const slice = convert("Slice", 9, { x: [4], y: [2] }, { starts: ints(1), ends: ints(3) });
    expect(slice.inputs).toEqual([{ value: "x" }, list(1), list(3), list(0)]);
    const pad = convert("Pad", 2, { x: [4], y: [6] }, { pads: ints(1, 1), mode: text("reflect") });
    expect(pad.inputs[1]).toEqual(list(1, 1));
    expect(pad.attributes).toEqual({ mode: text("reflect") });
  });

  it.each([
    ["SAME_UPPER", [1, 0, 1, 1]],
    ["SAME_LOWER", [1, 1, 1, 0]],
    ["VALID", [0, 0, 0, 0]],
  ])("writes auto_pad %s of a convolution out", (mode, pads) => {
    // 5 = stride 1 same size with kernel 3; 4 -> 2 at stride 2 needs one row in all
    const shapes = { x: [1, 1, 5, 4], w: [1, 1, 3, 3], y: mode === "VALID" ? [1, 1, 3, 1] : [1, 1, 5, 2] };
    const node = convert("Conv", 17, shapes, { auto_pad: text(mode), strides: ints(1, 2) });
    expect(node.attributes.pads).toEqual(ints(...pads));
    expect(node.attributes.auto_pad).toBeUndefined();
    expect(node.attributes.kernel_shape).toEqual(ints(3, 3));
  });

  it("writes the output shape of a transposed convolution as pads", () => {
    const shapes = { x: [1, 1, 4], w: [1, 1, 3], y: [1, 1, 8] };
    const node = convert("ConvTranspose", 17, shapes, { output_shape: ints(8), strides: ints(2) });
    expect(node.attributes.pads).toEqual(ints(1, 0));
  });

  it("brings Upsample and every Resize to one form", () => {
    const shapes = { x: [1, 2, 4, 4], scales: [4], y: [1, 2, 8, 8] };
    const factors = { constant: [1, 1, 2, 2], shape: [4], dtype: "float32" };
    const upsample = convert("Upsample", 9, shapes, { mode: text("nearest") }, { scales: [1, 1, 2, 2] });
    expect(upsample).toMatchObject({ op: "Resize", inputs: [{ value: "x" }, null, factors] });
    expect(upsample.attributes.nearest_mode).toEqual(text("floor"));
    const withRoi = { x: [1, 2, 4, 4], roi: [0], scales: [0], sizes: [4], y: [1, 2, 7, 8] };
    const sized = convert("Resize", 11, withRoi, { mode: text("linear") }, { scales: [], roi: [] });
    expect(sized.inputs).toEqual([{ value: "x" }, null, null, list(1, 2, 7, 8)]);
    const partial = { x: [1, 2, 4, 4], roi: [0], scales: [2], y: [1, 2, 8, 12] };
    const byAxes = convert("Resize", 18, partial, { axes: ints(2, -1) }, { scales: [2, 3] });
    expect(byAxes.inputs[2]).toEqual({ constant: [1, 1, 2, 3], shape: [4], dtype: "float32" });
    expect(() => convert("Resize", 17, partial, {})).toThrow(
      'Resize "/block/op" computes its scales or sizes ("scales")',
    );
  });

  it("makes Dropout an Identity and keeps only what inference needs of BatchNormalization", () => {
    expect(convert("Dropout", 11, { x: [2], y: [2] }, { ratio: { kind: "float", value: 0.5 } })).toMatchObject({
      op: "Identity",
      attributes: {},
    });
    const training = () => convert("BatchNormalization", 15, { x: [2, 3], y: [2, 3] }, { training_mode: int(1) });
    expect(training).toThrow('BatchNormalization "/block/op" is in training mode');
  });

  it("keeps an old Softmax over one axis and refuses one over several", () => {
    expect(convert("Softmax", 11, { x: [2, 5], y: [2, 5] }, {}).attributes.axis).toEqual(int(1));
    expect(() => convert("Softmax", 11, { x: [2, 3, 5], y: [2, 3, 5] }, { axis: int(1) })).toThrow(
      "runs over several axes",
    );
  });

  it("refuses sub-graphs, naming operator and node", () => {
    const branch: FileAttribute = { kind: "unsupported", value: "GRAPH" };
    expect(() => convert("If", 17, { c: [], y: [2] }, { then_branch: branch })).toThrow(
      'If "/block/op" has an attribute "then_branch" that holds a graph',
    );
  });
});
