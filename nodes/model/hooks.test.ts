import type { PlanInput, PlanNode } from "@distillery/shared/onnx/import/plan";
import { describe, expect, it } from "vitest";
import { hookedValues, knownValues } from "./hooks";

const node = (op: string, output: string, inputs: readonly string[], name = ""): PlanNode => ({
  op,
  domain: "",
  name: name || output,
  inputs: inputs.map((value): PlanInput => ({ value })),
  outputs: [{ name: output, dtype: "float32", shape: [1] }],
  attributes: {},
});

/** As this product's own U-Nets: operations are named after nothing, weights after modules. */
const nodes = [
  node("Conv", "v0", ["x", "in.weight", "in.bias"]),
  node("InstanceNormalization", "v1", ["v0"]),
  node("Reshape", "v2", ["down.0.0.norm.weight", "shape"]),
  node("Mul", "v3", ["v1", "v2"]),
  node("Reshape", "v4", ["down.0.0.norm.bias", "shape"]),
  node("Add", "v5", ["v3", "v4"]),
  node("Conv", "v6", ["v5", "down.0.0.conv.weight"]),
  node("Add", "v7", ["v0", "v6"]),
  node("Conv", "v8", ["v7", "down.0.smaller.weight"]),
  node("Conv", "v9", ["v8", "down.1.0.conv.weight"]),
  node("Add", "v10", ["v8", "v9"]),
  node("Conv", "v11", ["v10", "middle.0.conv.weight"]),
  node("Add", "v12", ["v10", "v11"]),
  node("Conv", "v13", ["v12", "out.weight"]),
];
const file = { outputs: ["v13"], nodes };

describe("hooks on a file whose operations do not name their modules", () => {
  it.each([
    ["in", ["v0"]],
    ["down.0.0.norm", ["v5"]],
    // A layer by itself, and the block whose sum it goes into.
    ["down.0.0.conv", ["v6"]],
    ["down.0.0", ["v7"]],
    ["down.0", ["v8"]],
    ["middle", ["v12"]],
    ["down.*", ["v8", "v10"]],
    ["v3", ["v3"]],
    ["v13", ["v13"]],
    ["up", [undefined]],
    ["up.*", [undefined]],
  ])("%s is %j", (hook, values) => {
    expect(hookedValues([hook], file)).toEqual(values);
  });

  it("are told in messages", () => {
    expect(knownValues(file)).toBe("v13, down.0, down.1, middle.0");
  });

  it("prefer the names of operations", () => {
    const named = {
      outputs: [],
      nodes: [node("Conv", "a", ["x", "b.0.weight"], "/b.0/Conv"), node("Relu", "c", ["a"], "/b.0/Relu")],
    };
    expect(hookedValues(["b.0", "b.*"], named)).toEqual(["c", "c"]);
  });
});
