/** Types of values as ONNX files write them. */
import { create } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, TypeProtoSchema, type ValueInfoProto, ValueInfoProtoSchema } from "onnx-buf";
import type { DType } from "../graph";

export const DATA_TYPES: Record<DType, DataType> = {
  float32: DataType.FLOAT,
  uint8: DataType.UINT8,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
  float16: DataType.FLOAT16,
};

/** The number ONNX uses for an element type, as in the `to` attribute of Cast. */
export const elementType = (dtype: DType): number => DATA_TYPES[dtype];

/** The reverse of `elementType`; doubles are read as float32. Undefined for element types the engine does not hold. */
export function dtypeOf(elementType: number): DType | undefined {
  if (elementType === DataType.DOUBLE) return "float32";
  return (Object.keys(DATA_TYPES) as DType[]).find((dtype) => DATA_TYPES[dtype] === elementType);
}

/** The declaration of a tensor; an axis given by name is open. */
export const tensorInfo = (name: string, elemType: DataType, shape: readonly (bigint | string)[]): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: {
          elemType,
          shape: {
            dim: shape.map((size) => ({
              value:
                typeof size === "string"
                  ? { case: "dimParam" as const, value: size }
                  : { case: "dimValue" as const, value: size },
            })),
          },
        },
      },
    }),
  });
