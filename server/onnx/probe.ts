/** A process that tries one thing which may crash: a device, or a model file of unknown origin. */

import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph } from "@distillery/shared/onnx/graph";
import { deviceSchema } from "@distillery/shared/protocol/events";
import * as ort from "onnxruntime-node";
import { createNodeRuntime } from "./nodeRuntime";

async function tryDevice(name: string): Promise<void> {
  const runtime = await createNodeRuntime(deviceSchema.parse(name));
  const graph = new Graph();
  const x = graph.input("x", "float32", [4]);
  for (const y of graph.add("Add", [x, x], [{ dtype: "float32", shape: [4], name: "y" }])) graph.output(y);
  const session = await runtime.createSession(encodeModel(graph), { keepOnDevice: ["y"] });
  const feeds = { x: { dtype: "float32" as const, shape: [4], data: new Float32Array([1, 2, 3, 4]) } };
  const { y } = await session.run(feeds, ["y"]);
  if (y === undefined) throw new Error("no result");
  const { data } = await runtime.download(y);
  if (data.join() !== "2,4,6,8") throw new Error(`1+1, 2+2, ... gave ${data.join()}`);
}

async function tryModel(file: string) {
  const session = await ort.InferenceSession.create(file, { executionProviders: ["cpu"], logSeverityLevel: 4 });
  const ports = (metadata: readonly ort.InferenceSession.ValueMetadata[]) =>
    metadata.map((port) => ({ name: port.name, shape: port.isTensor ? [...port.shape] : [] }));
  return { inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) };
}

const [kind = "", subject = ""] = process.argv.slice(2);
const answer = (message: object) => process.send?.(message, undefined, undefined, () => process.exit(0));
try {
  if (kind === "device") {
    await tryDevice(subject);
    answer({});
  } else answer(await tryModel(subject));
} catch (error) {
  answer({ error: error instanceof Error ? error.message : String(error) });
}
