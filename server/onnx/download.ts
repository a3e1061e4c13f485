/**
 * Reading device tensors back. `getData()` on a GPU tensor aborts the process in onnxruntime-node 1.30, so a model
 * that does nothing (`Identity`, output on the host) makes the copy.
 */
import type { HostTensor } from "@distillery/shared/graph/node";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph } from "@distillery/shared/onnx/graph";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { dtypeOfOrt, fromOrt } from "./tensors";

type Create = (model: Uint8Array) => Promise<InferenceSession>;

export function createDownloader(create: Create): (tensor: Tensor) => Promise<HostTensor> {
  const sessions = new Map<string, Promise<InferenceSession>>();
  return async (tensor) => {
    const dtype = dtypeOfOrt(tensor);
    const key = `${dtype}[${tensor.dims.join()}]`;
    let session = sessions.get(key);
    if (session === undefined) {
      const graph = new Graph();
      const input = graph.input("x", dtype, tensor.dims);
      for (const output of graph.add("Identity", [input], [{ dtype, shape: tensor.dims, name: "y" }]))
        graph.output(output);
      session = create(encodeModel(graph));
      sessions.set(key, session);
    }
    const ready = await session;
    const name = ready.outputNames[0] ?? "";
    const result = (await ready.run({ x: tensor }))[name];
    if (result === undefined) throw new Error("The copy from the device gave nothing.");
    return fromOrt(result, name);
  };
}
