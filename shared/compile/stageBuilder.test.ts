import { describe, expect, it } from "vitest";
import { add, mul } from "../onnx/ops";
import { StageBuilder } from "./stageBuilder";

const noResources = {
  image: () => Promise.reject(new Error("no images in this test")),
  bytes: () => Promise.reject(new Error("no files in this test")),
  dataset: () => undefined,
  model: () => undefined,
};

describe("StageBuilder", () => {
  it("drops what nothing needs: operations, random numbers, host values - never variables", () => {
    const stage = new StageBuilder({ name: "test", kind: "train", batch: 2, seed: 1, resources: noResources });
    const context = stage.context("node", "Node");
    const x = context.input("x", "float32", [2]);
    const y = context.input("y", "float32", [2]);
    const eps = context.random("eps", { kind: "normal" }, [2]);
    const noise = context.random("noise", { kind: "normal" }, [2]);
    const weight = context.variable("weight", { shape: [2], init: { kind: "ones" }, role: "parameter" });
    context.variable("unused", { shape: [2], init: { kind: "ones" }, role: "parameter" });
    add(mul(y, noise), weight);
    context.output("kept", mul(add(x, eps), weight));
    stage.prune();
    expect(stage.graph.nodes.map(({ op }) => op)).toEqual(["Add", "Mul"]);
    expect(stage.graph.inputs.map(({ name }) => name)).toEqual([
      "node.x",
      "random:node.eps",
      "node/weight",
      "node/unused",
    ]);
    expect(stage.randoms.map(({ stream }) => stream)).toEqual(["node.eps"]);
    expect(stage.hostInputs.map(({ name }) => name)).toEqual(["x"]);
    expect(stage.graph.values.has("node.y")).toBe(false);
  });
});
