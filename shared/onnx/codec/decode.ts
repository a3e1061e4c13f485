/** Reading ONNX files, anybody's, and the two small rewritings that shape inference needs. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type TypeProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { type Attribute, type DType, formatShape, GraphError, sizeOf, type TensorData } from "../graph";
import { dtypeOf, tensorInfo } from "./elementType";

/** Initializers in a file of their own; `path` is the location the model refers to, relative to the model file. */
export interface ExternalData {
  readonly path: string;
  readonly data: Uint8Array;
}

/** A dimension of a value in a file: a size, a symbol ("batch"), or null when the file does not say. */
export type FileDimension = number | string | null;

export interface FileValue {
  readonly name: string;
  /** Undefined for element types the engine does not hold. */
  readonly dtype: DType | undefined;
  readonly shape: readonly FileDimension[] | null;
}

export interface FileTensor {
  readonly name: string;
  readonly dtype: DType | undefined;
  /** ONNX's number of the element type, for messages when `dtype` is undefined. */
  readonly elementType: number;
  readonly shape: readonly number[];
  /** Copies the values out of the file. Doubles are rounded to float32. Throws GraphError when the data is unusable. */
  readonly load: () => TensorData;
}

export type FileAttribute =
  | Attribute
  | { kind: "tensor"; value: FileTensor }
  | { kind: "strings"; value: readonly string[] }
  | { kind: "unsupported"; value: string };

export interface FileNode {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, FileAttribute>>;
}

/** An ONNX file as plain data. */
export interface ModelFile {
  readonly irVersion: number;
  /** Operator set version by domain; "" is the default domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly name: string;
  readonly nodes: readonly FileNode[];
  readonly initializers: ReadonlyMap<string, FileTensor>;
  /** Graph inputs that are not initializers. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface DecodeOptions {
  readonly externalData?: readonly ExternalData[];
}

/** Reads an ONNX file. Weights are copied only when loaded. Throws GraphError when the bytes are not an ONNX model. */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): ModelFile {
  const model = parse(bytes);
  const graph = model.graph!;
  const tensors = graph.initializer.map((proto) => fileTensor(proto, options.externalData ?? []));
  const initializers = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return {
    irVersion: Number(model.irVersion),
    opsets: Object.fromEntries(
      model.opsetImport.map(({ domain, version }) => [domain === "ai.onnx" ? "" : domain, Number(version)]),
    ),
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    name: graph.name,
    nodes: graph.node.map((node) => ({
      op: node.opType,
      domain: node.domain === "ai.onnx" ? "" : node.domain,
      name: node.name,
      inputs: node.input,
      outputs: node.output,
      attributes: Object.fromEntries(node.attribute.map((proto) => [proto.name, fileAttribute(proto)])),
    })),
    initializers,
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(fileValue),
    outputs: graph.output.map(fileValue),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

export interface SkeletonOptions {
  /** Sizes of symbolic input dimensions, by symbol ("batch") or by input and axis ("sample.0"). */
  readonly dims?: Readonly<Record<string, number>>;
  /** Initializers to turn into inputs, so that nothing folds them and their data is not copied around. */
  readonly weights?: ReadonlySet<string>;
  readonly externalData?: readonly ExternalData[];
}

/**
 * A copy of a file for shape inference and folding: input dimensions fixed, weights without their data, and the
 * shapes of outputs and intermediate values left open, since they follow from the inputs.
 */
export function skeleton(bytes: Uint8Array, options: SkeletonOptions = {}): Uint8Array {
  const { dims = {}, weights = new Set(), externalData = [] } = options;
  const model = parse(bytes);
  const graph = model.graph!;
  const stored = new Set(graph.initializer.map(({ name }) => name));
  // Old files list initializers as inputs too, which keeps a runtime from folding them.
  graph.input = graph.input.filter(({ name }) => !stored.has(name));
  for (const { name, type } of graph.input) {
    shapeOf(type)?.dim.forEach((dim, axis) => {
      const size = dims[dim.value.case === "dimParam" ? dim.value.value : ""] ?? dims[`${name}.${axis}`];
      if (dim.value.case !== "dimValue" && size !== undefined) dim.value = { case: "dimValue", value: BigInt(size) };
    });
  }
  for (const tensor of graph.initializer) {
    if (weights.has(tensor.name)) {
      graph.input.push(tensorInfo(tensor.name, tensor.dataType, tensor.dims));
    } else if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
      tensor.rawData = new Uint8Array(rawBytes(tensor, externalData)!);
      tensor.externalData = [];
      tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    }
  }
  graph.initializer = graph.initializer.filter(({ name }) => !weights.has(name));
  graph.valueInfo = [];
  for (const { type } of graph.output) if (type?.value.case === "tensorType") type.value.value.shape = undefined;
  return toBinary(ModelProtoSchema, model);
}

/** A scratch copy whose outputs are the named values, their types and shapes left for the runtime to infer. */
export function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const model = parse(bytes);
  const known = new Map(model.graph!.output.map((info) => [info.name, info]));
  model.graph!.output = names.map((name) => known.get(name) ?? create(ValueInfoProtoSchema, { name }));
  return toBinary(ModelProtoSchema, model);
}

function parse(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new GraphError(`This is not an ONNX model: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (model.graph === undefined) throw new GraphError("This is not an ONNX model: it has no graph.");
  return model;
}

const shapeOf = (type: TypeProto | undefined) =>
  type?.value.case === "tensorType" ? type.value.value.shape : undefined;

function fileValue({ name, type }: ValueInfoProto): FileValue {
  const dims = shapeOf(type)?.dim.map(({ value }) => {
    if (value.case === "dimValue") return Number(value.value);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
  const dtype = type?.value.case === "tensorType" ? dtypeOf(type.value.value.elemType) : undefined;
  return { name, dtype, shape: dims ?? null };
}

function fileAttribute(proto: AttributeProto): FileAttribute {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  switch (proto.type) {
    case AttributeType.INT:
      return { kind: "int", value: Number(proto.i) };
    case AttributeType.FLOAT:
      return { kind: "float", value: proto.f };
    case AttributeType.STRING:
      return { kind: "string", value: text(proto.s) };
    case AttributeType.INTS:
      return { kind: "ints", value: proto.ints.map(Number) };
    case AttributeType.FLOATS:
      return { kind: "floats", value: proto.floats };
    case AttributeType.STRINGS:
      return { kind: "strings", value: proto.strings.map(text) };
    case AttributeType.TENSOR:
      return { kind: "tensor", value: fileTensor(proto.t ?? create(TensorProtoSchema), []) };
    default:
      return { kind: "unsupported", value: AttributeType[proto.type] ?? String(proto.type) };
  }
}

function fileTensor(proto: TensorProto, externalData: readonly ExternalData[]): FileTensor {
  const shape = proto.dims.map(Number);
  const dtype = dtypeOf(proto.dataType);
  const load = (): TensorData => {
    const values = dtype === undefined ? undefined : readValues(proto, externalData);
    if (values === undefined) {
      throw new GraphError(
        `Tensor "${proto.name}" has element type ${DataType[proto.dataType]}, which is not supported.`,
      );
    }
    if (values.length !== sizeOf(shape)) {
      throw new GraphError(
        `Tensor "${proto.name}" of shape ${formatShape(shape)} has ${values.length} values, not ${sizeOf(shape)}.`,
      );
    }
    return values;
  };
  return { name: proto.name, dtype, elementType: proto.dataType, shape, load };
}

function readValues(proto: TensorProto, externalData: readonly ExternalData[]): TensorData | undefined {
  const raw = rawBytes(proto, externalData);
  // Typed arrays need aligned memory of their own: raw bytes lie anywhere inside the file. (Not slice(): a Buffer's
  // shares its memory.)
  const memory = raw && new Uint8Array(raw).buffer;
  switch (proto.dataType) {
    case DataType.FLOAT:
      return memory ? new Float32Array(memory) : Float32Array.from(proto.floatData);
    case DataType.DOUBLE:
      return Float32Array.from(memory ? new Float64Array(memory) : proto.doubleData);
    case DataType.INT64:
      return memory ? new BigInt64Array(memory) : BigInt64Array.from(proto.int64Data);
    case DataType.INT32:
      return memory ? new Int32Array(memory) : Int32Array.from(proto.int32Data);
    case DataType.FLOAT16:
      return memory ? new Uint16Array(memory) : Uint16Array.from(proto.int32Data);
    case DataType.BOOL:
    case DataType.UINT8:
      return memory ? new Uint8Array(memory) : Uint8Array.from(proto.int32Data);
  }
}

function rawBytes(proto: TensorProto, externalData: readonly ExternalData[]): Uint8Array | undefined {
  if (proto.dataLocation !== TensorProto_DataLocation.EXTERNAL)
    return proto.rawData.length > 0 ? proto.rawData : undefined;
  const entry = (key: string) => proto.externalData.find((e) => e.key === key)?.value;
  const location = entry("location") ?? "";
  const file = externalData.find(({ path }) => path === location);
  if (file === undefined) {
    throw new GraphError(`Tensor "${proto.name}" is stored in "${location}", which was not given with the model.`);
  }
  const offset = Number(entry("offset") ?? 0);
  const length = Number(entry("length") ?? file.data.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= file.data.length)) {
    throw new GraphError(
      `Tensor "${proto.name}" claims bytes ${offset} to ${offset + length} of "${location}", which has ${file.data.length}.`,
    );
  }
  return file.data.subarray(offset, offset + length);
}
