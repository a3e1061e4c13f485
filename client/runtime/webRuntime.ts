/** The runtime on onnxruntime-web: WebAssembly, or WebGPU where the browser has it. Meant for a Web Worker. */
import type { HostTensor } from "@distillery/shared/graph/node";
import type { DType, TensorData } from "@distillery/shared/onnx/graph";
import { type DeviceTensor, isDeviceTensor, type Runtime, type RuntimeTensor } from "@distillery/shared/run/runtime";
import type * as Ort from "onnxruntime-web";

/** A tensor onnxruntime-web keeps in a GPU buffer. */
class WebDeviceTensor implements DeviceTensor {
  readonly location = "device";
  constructor(readonly tensor: Ort.Tensor) {}
  get shape(): readonly number[] {
    return this.tensor.dims;
  }
  dispose(): void {
    this.tensor.dispose();
  }
}

/**
 * @param ort the loaded module: `onnxruntime-web` (WebAssembly) or `onnxruntime-web/webgpu`
 * @param device "webgpu" keeps the parameters in GPU buffers between steps
 */
export function webRuntime(ort: typeof Ort, device: "cpu" | "webgpu"): Runtime {
  const onGpu = device === "webgpu";

  const toOrt = (value: RuntimeTensor): Ort.Tensor => {
    if (isDeviceTensor(value)) {
      if (value instanceof WebDeviceTensor) return value.tensor;
      throw new Error("This tensor belongs to another runtime.");
    }
    const { dtype, data, shape } = value;
    if (dtype === "bool" && data instanceof Uint8Array) return new ort.Tensor("bool", data, shape);
    if (data instanceof Float32Array) return new ort.Tensor("float32", data, shape);
    if (data instanceof BigInt64Array) return new ort.Tensor("int64", data, shape);
    if (data instanceof Int32Array) return new ort.Tensor("int32", data, shape);
    if (data instanceof Uint8Array) return new ort.Tensor("uint8", data, shape);
    return new ort.Tensor("float16", data, shape);
  };
  const fromOrt = (tensor: Ort.Tensor): RuntimeTensor =>
    tensor.location === "gpu-buffer"
      ? new WebDeviceTensor(tensor)
      : { dtype: tensor.type as DType, shape: tensor.dims, data: tensor.data as TensorData };

  return {
    device,
    threads: ort.env.wasm.numThreads ?? 1,
    async createSession(model, { keepOnDevice = [], externalData = [] } = {}) {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [onGpu ? "webgpu" : "wasm"],
        externalData: [...externalData],
        ...(onGpu
          ? { preferredOutputLocation: Object.fromEntries(keepOnDevice.map((name) => [name, "gpu-buffer" as const])) }
          : {}),
      });
      return {
        inputs: session.inputNames,
        outputs: session.outputNames,
        async run(feeds, fetches) {
          const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toOrt(value)]));
          const results = await session.run(inputs, [...fetches]);
          return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
        },
        dispose: () => session.release(),
      };
    },
    async download(value): Promise<HostTensor> {
      if (!isDeviceTensor(value)) return value;
      if (!(value instanceof WebDeviceTensor)) throw new Error("This tensor belongs to another runtime.");
      const { tensor } = value;
      return { dtype: tensor.type as DType, shape: tensor.dims, data: (await tensor.getData()) as TensorData };
    },
  };
}
