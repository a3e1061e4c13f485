import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../grad";
import { Graph, type Tensor } from "../graph";
import { batchNormalization, groupNormalization, instanceNormalization, layerNormalization, reduceSum } from "../ops";
import { between, type GradientCase, gradientError } from "./check.test-helper";
import { penalty } from "./penalty.test-helper";

const sizes = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 1, max: 3 }),
  groups: fc.integer({ min: 1, max: 3 }),
  spatial: fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 3 }),
  seed: fc.integer({ min: 1, max: 1000 }),
});

/** A large epsilon keeps the function smooth enough for finite differences on few values. */
const epsilon = 0.3;

const groupNode =
  (groups: number) =>
  (...[x, scale, bias]: Tensor[]) =>
    x!.graph.add("GroupNormalization", [x!, scale!, bias!], [{ dtype: "float32", shape: x!.shape }], {
      num_groups: { kind: "int", value: groups },
      epsilon: { kind: "float", value: epsilon },
    })[0]!;

const check = (test: GradientCase) => gradientError(test);

describe.each<[string, (s: { groups: number }) => (...inputs: Tensor[]) => Tensor]>([
  [
    "groupNormalization",
    ({ groups }) =>
      (...[x, s, b]) =>
        groupNormalization(x!, s!, b!, { numGroups: groups, epsilon }),
  ],
  ["GroupNormalization node", ({ groups }) => groupNode(groups)],
  [
    "InstanceNormalization",
    () =>
      (...[x, s, b]) =>
        instanceNormalization(x!, s!, b!, { epsilon }),
  ],
])("%s", (_, make) => {
  it("has the gradients of finite differences on any shape", () =>
    fc.assert(
      fc.asyncProperty(sizes, async ({ n, c, groups, spatial, seed }) => {
        const shapes = [[n, c * groups, ...spatial], [c * groups], [c * groups]];
        expect(await check({ shapes, build: make({ groups }), seed })).toBeLessThan(2e-3);
      }),
      { numRuns: 15, seed: 2 },
    ));

  it("can be differentiated twice", async () => {
    const shapes = [[2, 4, 3, 2], [4], [4]];
    expect(await check({ shapes, build: penalty(make({ groups: 2 })) })).toBeLessThan(3e-3);
  });
});

describe("LayerNormalization", () => {
  it("has the gradients of finite differences on any shape and axis", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.boolean(),
        async (shape, at, fromEnd) => {
          const first = at % shape.length;
          const axis = fromEnd ? first - shape.length : first;
          const normalised = shape.slice(first);
          const build = (...[x, s, b]: Tensor[]) => layerNormalization(x!, s!, b!, { axis, epsilon });
          expect(await check({ shapes: [shape, normalised, normalised], build })).toBeLessThan(2e-3);
          const noBias = (...[x, s]: Tensor[]) => layerNormalization(x!, s!, null, { axis, epsilon });
          expect(await check({ shapes: [shape, normalised], build: noBias })).toBeLessThan(2e-3);
        },
      ),
      { numRuns: 15, seed: 6 },
    ));

  it("can be differentiated twice", async () => {
    const build = (...[x, s, b]: Tensor[]) => layerNormalization(x!, s!, b!, { epsilon });
    expect(await check({ shapes: [[3, 5], [5], [5]], build: penalty(build) })).toBeLessThan(3e-3);
  });
});

describe("BatchNormalization with stored statistics", () => {
  const build = (...[x, s, b, mean, variance]: Tensor[]) =>
    batchNormalization(x!, s!, b!, mean!, variance!, { epsilon });
  const values = (next: () => number, size: number, index: number) =>
    index === 4 ? between(0.6, 1.5)(next, size) : between(-1, 1)(next, size);

  it.each([[[2, 3, 2, 2]], [[2, 3]], [[1, 3, 4]]])("has the gradients of finite differences on %j", async (shape) => {
    const shapes = [shape, [3], [3], [3], [3]];
    expect(await check({ shapes, build, values })).toBeLessThan(2e-3);
    expect(await check({ shapes, build: penalty(build), values })).toBeLessThan(3e-3);
  });
});

describe("normalisation errors", () => {
  it("name the argument and print both shapes", () => {
    const g = new Graph();
    const x = g.input("x", "float32", [2, 6, 4, 4]);
    const s = g.input("s", "float32", [4]);
    expect(() => groupNormalization(x, s, s, { numGroups: 2 })).toThrow(
      "scale must be [channels] for input [2, 6, 4, 4] ([N, C, ...]), got [4]",
    );
    const six = g.input("six", "float32", [6]);
    expect(() => groupNormalization(x, six, six, { numGroups: 4 })).toThrow("6 channels cannot be split into 4 groups");
    expect(() => layerNormalization(x, six)).toThrow("scale must be [4] to normalise axis -1 of [2, 6, 4, 4], got [6]");
  });

  it("refuse batch statistics", () => {
    const g = new Graph();
    const x = g.input("x", "float32", [2, 3, 4]);
    const c = ["s", "b", "m", "v"].map((name) => g.input(name, "float32", [3]));
    const [y] = g.add("BatchNormalization", [x, ...c], [{ dtype: "float32", shape: x.shape }], {
      training_mode: { kind: "int", value: 1 },
    });
    expect(() => grad(reduceSum(y!, { keepdims: false }), [x])).toThrow("is in training mode");
  });
});
