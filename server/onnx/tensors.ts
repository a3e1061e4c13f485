/** Our host tensors <-> ONNX Runtime's. No copies: both look at the same memory. */
import type { HostTensor } from "@distillery/shared/graph/node";
import type { DType, TensorData } from "@distillery/shared/onnx/graph";
import { Tensor } from "onnxruntime-node";

const DTYPES: readonly DType[] = ["float32", "int64", "int32", "bool", "float16", "uint8"];

const isDtype = (type: string): type is DType => DTYPES.some((dtype) => dtype === type);

const isData = (data: unknown): data is TensorData =>
  data instanceof Float32Array ||
  data instanceof BigInt64Array ||
  data instanceof Int32Array ||
  data instanceof Uint8Array ||
  data instanceof Uint16Array;

export const toOrt = ({ dtype, shape, data }: HostTensor): Tensor => new Tensor(dtype, data, [...shape]);

/** @throws Error naming `name` when its element type is not one of ours. */
export function fromOrt(tensor: Tensor, name: string): HostTensor {
  const { type, data, dims } = tensor;
  if (!isDtype(type) || !isData(data))
    throw new Error(`Output "${name}" has the element type ${type}, which is not supported.`);
  return { dtype: type, shape: dims, data };
}

export function dtypeOfOrt(tensor: Tensor): DType {
  if (!isDtype(tensor.type)) throw new Error(`The element type ${tensor.type} is not supported.`);
  return tensor.type;
}
