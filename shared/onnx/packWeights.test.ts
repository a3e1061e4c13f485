import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { encodeModel } from "./codec";
import { foldWeights } from "./foldWeights";
import { Graph, sizeOf } from "./graph";
import { fromHalf, toHalf } from "./half";
import { importModel } from "./import";
import { add, gemm, mul } from "./ops";
import { packWeights } from "./packWeights";

const unet = readFileSync(new URL("./fixtures/unet.onnx", import.meta.url));
const sizes = { batch: 1, height: 8, width: 8 };

async function run(model: Uint8Array, feeds: Record<string, OrtTensor>): Promise<Map<string, Float32Array>> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const results = await session.run(feeds);
  await session.release();
  return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

describe("weights stored as float16", () => {
  it("take half the space, keep their names, and are float32 weights to whoever imports it", async () => {
    const model = await importModel(unet, { oracle: shapeOracle, dims: sizes });
    const graph = new Graph("unet");
    const inputs = model.inputs.map(({ name, dtype, shape }) => graph.input(name, dtype, shape));
    const names = new Map<string, string>();
    for (const output of model.instantiate(graph, {
      prefix: "unet/",
      inputs,
      parameter: (path, shape, dtype, load) => {
        names.set(`net/${path}`, path);
        return graph.values.get(`net/${path}`) ?? graph.initializer(`net/${path}`, dtype, shape, load);
      },
    }))
      graph.output(output);
    const feeds = {
      sample: new OrtTensor(
        "float32",
        Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)),
        [1, 3, 8, 8],
      ),
      timestep: new OrtTensor("float32", Float32Array.of(300), [1]),
    };
    const [full, half] = (["float32", "float16"] as const).map((each) =>
      encodeModel(packWeights(graph, names, each), { weights: [...names.values()] }),
    );
    const numbers = [...model.initializers.values()]
      .filter(({ shape }) => shape.length >= 2)
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    expect(full!.length - half!.length).toBeGreaterThan(0.85 * 2 * numbers);
    const [exact] = (await run(full!, feeds)).values();
    const [rounded] = (await run(half!, feeds)).values();
    const error = Math.max(...exact!.map((value, i) => Math.abs(value - rounded![i]!)));
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(5e-3);

    const again = await importModel(half!, { oracle: shapeOracle });
    expect([...again.initializers.keys()].sort()).toEqual([...model.initializers.keys()].sort());
    for (const [path, { dtype, shape, load }] of again.initializers) {
      expect(dtype).toBe("float32");
      const original = model.initializers.get(path)!.load() as Float32Array;
      expect(load()).toEqual(shape.length >= 2 ? fromHalf(toHalf(original)) : original);
    }
    const copy = new Graph("again");
    for (const output of again.instantiate(copy, {
      prefix: "a/",
      inputs: again.inputs.map(({ name, dtype, shape }) => copy.input(name, dtype, shape)),
    }))
      copy.output(output);
    const [imported] = (await run(encodeModel(copy), feeds)).values();
    expect(Math.max(...imported!.map((value, i) => Math.abs(value - rounded![i]!)))).toBeLessThan(1e-5);
  });

  it("must fit", () => {
    const graph = new Graph("large");
    const x = graph.input("x", "float32", [1, 2]);
    const w = graph.initializer("net/w", "float32", [2, 1], () => Float32Array.of(1e6, 1));
    graph.output(gemm(x, w));
    const packed = packWeights(graph, new Map([["net/w", "w"]]), "float16");
    expect(() => encodeModel(packed)).toThrow('Weight "w" holds 1000000, too large for float16');
  });
});

describe("foldWeights", () => {
  it("computes once what follows from given constants, and leaves the rest", async () => {
    const graph = new Graph("lora");
    const x = graph.input("x", "float32", [1, 2]);
    const [w, a, b, c] = (["w", "a", "b", "c"] as const).map((name, i) =>
      graph.initializer(name, "float32", [2, 2], () => Float32Array.of(i + 1, 2, 3, 4)),
    );
    const merged = gemm(b!, a!, w!);
    graph.output(add(gemm(x, merged), gemm(x, mul(c!, 2))));
    const folded = await foldWeights(graph, new Set(["a", "b"]), async (part) => run(encodeModel(part), {}));
    expect(folded.nodes.map(({ op }) => op).sort()).toEqual(["Add", "Gemm", "Gemm", "Mul"]);
    expect(folded.initializers.get(merged.name)?.load()).toEqual(
      Float32Array.of(3 * 2 + 2 * 3 + 1, 3 * 2 + 2 * 4 + 2, 3 * 2 + 4 * 3 + 3, 3 * 2 + 4 * 4 + 4),
    );
    const feeds = { x: new OrtTensor("float32", Float32Array.of(1, -2), [1, 2]) };
    const [before, after] = await Promise.all([graph, folded].map(async (each) => run(encodeModel(each), feeds)));
    expect(after).toEqual(before);
    expect(await foldWeights(graph, new Set(["none"]), () => Promise.reject(new Error("no")))).toBe(graph);
  });
});
