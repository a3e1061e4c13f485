import { Graph } from "@distillery/shared/onnx/graph";
import { add, exp, mul } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { cutGraph } from "./cut";

describe("cutGraph", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  const y = graph.input("y", "float32", [2]);
  const middle = exp(mul(x, 2));
  const end = graph.output(add(middle, y));

  it("keeps only what leads from the given values to the wanted ones", () => {
    const first = cutGraph(graph, "first", [], [middle]);
    expect(first.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(first.nodes.map(({ op }) => op)).toEqual(["Mul", "Exp"]);
    const second = cutGraph(graph, "second", [middle], [end]);
    expect(second.inputs.map(({ name }) => name).sort()).toEqual([middle.name, "y"].sort());
    expect(second.nodes.map(({ op }) => op)).toEqual(["Add"]);
    expect(second.initializers.size).toBe(0);
  });
});
