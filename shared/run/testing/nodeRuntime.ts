/** The smallest runtime for tests: onnxruntime-node on the CPU, one thread, in this process. */
import * as ort from "onnxruntime-node";
import type { HostTensor } from "../../graph/node";
import type { DType, TensorData } from "../../onnx/graph";
import { isDeviceTensor, type Runtime, type RuntimeTensor } from "../runtime";

const toOrt = (tensor: RuntimeTensor): ort.Tensor => {
  if (isDeviceTensor(tensor)) throw new Error("No device tensors on the CPU.");
  const { dtype, data, shape } = tensor;
  if (dtype === "int64" && data instanceof BigInt64Array) return new ort.Tensor("int64", data, shape);
  if (dtype === "bool" && data instanceof Uint8Array) return new ort.Tensor("bool", data, shape);
  if (dtype === "float32" && data instanceof Float32Array) return new ort.Tensor("float32", data, shape);
  throw new Error(`Not used in tests: ${dtype}`);
};

export const testRuntime: Runtime = {
  device: "cpu",
  threads: 1,
  async createSession(model) {
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    return {
      inputs: session.inputNames,
      outputs: session.outputNames,
      async run(feeds, fetches) {
        const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
        const results = await session.run(inputs, [...fetches]);
        return Object.fromEntries(
          Object.entries(results).map(([name, { type, dims, data }]) => [
            name,
            { dtype: type as DType, shape: dims, data: data as TensorData },
          ]),
        );
      },
      dispose: () => session.release(),
    };
  },
  async download(tensor): Promise<HostTensor> {
    if (isDeviceTensor(tensor)) throw new Error("No device tensors on the CPU.");
    return tensor;
  },
};
