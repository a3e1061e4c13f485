import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph } from "@distillery/shared/onnx/graph";
import { add, matMul, tanh } from "@distillery/shared/onnx/ops";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { webRuntime } from "./webRuntime";

describe("webRuntime", () => {
  it("runs the same graph as the server's runtime, to float32 accuracy", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const w = graph.input("w", "float32", [3, 4]);
    const y = graph.output(tanh(add(matMul(x, w), 0.5)));
    const model = encodeModel(graph);
    const feeds = {
      x: { dtype: "float32" as const, shape: [2, 3], data: Float32Array.from({ length: 6 }, (_, i) => Math.sin(i)) },
      w: { dtype: "float32" as const, shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => Math.cos(i)) },
    };
    ort.env.wasm.numThreads = 1;
    const outputs = await Promise.all(
      [webRuntime(ort, "cpu"), testRuntime].map(async (runtime) => {
        const session = await runtime.createSession(model);
        const value = (await session.run(feeds, [y.name]))[y.name];
        if (value === undefined) throw new Error("no output");
        return (await runtime.download(value)).data as Float32Array;
      }),
    );
    const [web, node] = outputs as [Float32Array, Float32Array];
    expect(web).toHaveLength(8);
    for (const [i, value] of web.entries()) expect(value).toBeCloseTo(node[i] as number, 5);
  });
});
