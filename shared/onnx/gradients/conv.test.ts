import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Graph, type Tensor } from "../graph";
import { type ConvTransposeOptions, conv, convTranspose } from "../ops";
import { between, gradientError } from "./check.test-helper";
import { penalty } from "./penalty.test-helper";

const axis = fc.record({
  size: fc.integer({ min: 4, max: 6 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 2 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  padBegin: fc.integer({ min: 0, max: 3 }),
  padEnd: fc.integer({ min: 0, max: 2 }),
});

const anyConv = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  inPerGroup: fc.constantFrom(1, 2, 9),
  outPerGroup: fc.integer({ min: 1, max: 2 }),
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  seed: fc.integer({ min: 1, max: 1000 }),
});

type AnyConv = typeof anyConv extends fc.Arbitrary<infer T> ? T : never;

const options = ({ axes, group }: AnyConv) => ({
  group,
  strides: axes.map((a) => a.stride),
  dilations: axes.map((a) => a.dilation),
  pads: [...axes.map((a) => a.padBegin), ...axes.map((a) => a.padEnd)],
});

const hasRoom = ({ axes }: AnyConv) =>
  axes.every((a) => a.size + a.padBegin + a.padEnd >= a.dilation * (a.kernel - 1) + 1);

describe("Conv", () => {
  it("has the gradients of finite differences for any rank, stride, dilation, group and padding", () =>
    fc.assert(
      fc.asyncProperty(anyConv.filter(hasRoom), async (c) => {
        const shapes = [
          [c.batch, c.group * c.inPerGroup, ...c.axes.map((a) => a.size)],
          [c.group * c.outPerGroup, c.inPerGroup, ...c.axes.map((a) => a.kernel)],
          [c.group * c.outPerGroup],
        ];
        const build = (...[x, w, b]: Tensor[]) => conv(x!, w!, b!, options(c));
        expect(await gradientError({ shapes, build, seed: c.seed })).toBeLessThan(2e-3);
      }),
      { numRuns: 40, seed: 7 },
    ));

  it("has the gradient of finite differences where taps are shifts of one long axis", () => {
    const axisOfShifts = fc.record({
      size: fc.integer({ min: 2, max: 6 }),
      kernel: fc.constantFrom(1, 2, 3, 4, 9),
      stride: fc.constant(1),
      dilation: fc.integer({ min: 1, max: 2 }),
      padBegin: fc.integer({ min: 0, max: 9 }),
      padEnd: fc.integer({ min: 0, max: 5 }),
    });
    const shifted = fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      group: fc.constant(1),
      inPerGroup: fc.constantFrom(2, 9),
      outPerGroup: fc.integer({ min: 1, max: 2 }),
      axes: fc.array(axisOfShifts, { minLength: 1, maxLength: 2 }),
      seed: fc.integer({ min: 1, max: 1000 }),
    });
    return fc.assert(
      fc.asyncProperty(shifted.filter(hasRoom), async (c) => {
        const shapes = [
          [c.batch, c.inPerGroup, ...c.axes.map((a) => a.size)],
          [c.outPerGroup, c.inPerGroup, ...c.axes.map((a) => a.kernel)],
        ];
        const build = (...[x, w]: Tensor[]) => conv(x!, w!, null, options(c));
        expect(await gradientError({ shapes, build, seed: c.seed })).toBeLessThan(2e-3);
      }),
      { numRuns: 25, seed: 9 },
    );
  });

  const cases: [string, number[][], ConvTransposeOptions][] = [
    ["3x3", [[2, 9, 6, 5], [3, 9, 3, 3], [3]], { pads: [1, 1, 1, 1] }],
    ["few channels", [[2, 2, 6, 5], [3, 2, 3, 3], [3]], { pads: [1, 1, 1, 1] }],
    ["1-D, 9 wide", [[2, 9, 8], [2, 9, 9], [2]], { pads: [4, 4] }],
    ["1x1", [[2, 3, 4, 5], [2, 3, 1, 1], [2]], {}],
    ["1x1 on a large image", [[2, 3, 16, 16], [2, 3, 1, 1], [2]], {}],
    ["strided", [[2, 3, 7, 8], [4, 3, 3, 3], [4]], { strides: [2, 2], pads: [1, 1, 1, 1] }],
    ["grouped, dilated, 1-D", [[2, 4, 9], [6, 2, 3], [6]], { group: 2, dilations: [2] }],
    ["3-D", [[1, 2, 4, 5, 4], [2, 2, 2, 3, 2], [2]], { pads: [0, 1, 0, 1, 1, 0] }],
  ];
  it.each(cases)("can be differentiated twice: %s", async (_, shapes, attributes) => {
    const build = (...[x, w, b]: Tensor[]) => conv(x!, w!, b!, attributes);
    expect(await gradientError({ shapes, build })).toBeLessThan(2e-3);
    expect(await gradientError({ shapes, build: penalty(build), values: between(-0.3, 0.3) })).toBeLessThan(2e-3);
  });

  it("says both shapes when weight and input do not fit", () => {
    const g = new Graph();
    const x = g.input("x", "float32", [1, 3, 8, 8]);
    expect(() => conv(x, g.input("w", "float32", [4, 2, 3, 3]))).toThrow(
      "weight [4, 2, 3, 3] with 1 group(s) does not fit input [1, 3, 8, 8]",
    );
    expect(() => conv(x, g.input("v", "float32", [4, 3, 9, 3]))).toThrow("does not fit axis 2 of input [1, 3, 8, 8]");
    expect(() => conv(x, g.input("u", "float32", [4, 3, 3, 3]), g.input("b", "float32", [3]))).toThrow(
      "bias must be [4], got [3]",
    );
  });
});

describe("ConvTranspose", () => {
  it("has the gradients of finite differences for any rank, stride, dilation, group and padding", () =>
    fc.assert(
      fc.asyncProperty(anyConv, fc.boolean(), async (c, extra) => {
        const pads = options(c).pads.map((p) => Math.min(p, 1));
        const outputPadding = c.axes.map((a) => (extra && a.stride === 2 ? 1 : 0));
        const shapes = [
          [c.batch, c.group * c.inPerGroup, ...c.axes.map((a) => a.size - 1)],
          [c.group * c.inPerGroup, c.outPerGroup, ...c.axes.map((a) => a.kernel)],
          [c.group * c.outPerGroup],
        ];
        const build = (...[x, w, b]: Tensor[]) => convTranspose(x!, w!, b!, { ...options(c), pads, outputPadding });
        expect(await gradientError({ shapes, build, seed: c.seed })).toBeLessThan(2e-3);
      }),
      { numRuns: 30, seed: 8 },
    ));

  it("can be differentiated twice", async () => {
    const build = (...[x, w]: Tensor[]) =>
      convTranspose(x!, w!, null, { strides: [2, 1], pads: [1, 0, 0, 1], outputPadding: [1, 0] });
    expect(
      await gradientError({
        shapes: [
          [2, 3, 4, 4],
          [3, 2, 3, 3],
        ],
        build: penalty(build),
      }),
    ).toBeLessThan(2e-3);
  });
});
