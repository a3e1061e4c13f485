/**
 * Writing ONNX files.
 *
 * Weights are always written as raw little-endian bytes. Protobuf ends at 2 GiB and encoding needs twice the model on
 * top of it, so large models go out as a small model file and one file of external data.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "onnx-buf";
import {
  type Attribute,
  type DType,
  formatShape,
  type Graph,
  GraphError,
  sizeOf,
  type Tensor,
  type TensorData,
} from "../graph";
import { needed } from "../needed";
import type { ExternalData } from "./decode";
import { DATA_TYPES, tensorInfo } from "./elementType";

export const OPSET_VERSION = 21;
export const IR_VERSION = 10;
/** Metadata of a file: a JSON list of the initializers that are weights. */
export const WEIGHTS_KEY = "distillery.weights";

/** Above this many bytes of weights `encodeModelFiles` writes external data by itself. */
const INLINE_LIMIT = 500e6;
/** Protobuf's 2 GiB, with room for the graph itself. */
const PROTOBUF_LIMIT = 2e9;
/** Smaller initializers stay inside the model file: runtimes read shapes and axes from there. */
const EXTERNAL_MINIMUM = 1024;
const ALIGNMENT = 64;

export interface EncodeOptions {
  /** Values of the graph to expose besides `graph.outputs`. */
  readonly extraOutputs?: readonly Tensor[];
  /** Leaves the first axis of every input and output open, under this name (see `freeBatch`). */
  readonly freeAxis?: string;
  /** Names of the initializers that are weights: whoever imports the file then takes no table or frequency for one. */
  readonly weights?: readonly string[];
}

export interface EncodeFilesOptions extends EncodeOptions {
  /** "auto" (default): external when the weights pass 500 MB. */
  readonly initializers?: "inline" | "external" | "auto";
  /** Name of the external data file; default "weights.bin". */
  readonly location?: string;
}

export interface EncodedModel {
  readonly model: Uint8Array;
  readonly externalData: readonly ExternalData[];
}

/**
 * Serialises a graph as one ONNX file (opset 21, IR 10) with its weights inside. What no output needs is left out.
 * Throws GraphError when an initializer's data does not fit its shape, or when the weights pass 2 GB.
 */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  return encodeModelFiles(graph, { ...options, initializers: "inline" }).model;
}

/** Serialises a graph as a model file and, for large models or on request, one file of weights at 64-byte offsets. */
export function encodeModelFiles(graph: Graph, options: EncodeFilesOptions = {}): EncodedModel {
  const { extraOutputs = [], freeAxis, weights, initializers = "auto", location = "weights.bin" } = options;
  const outputs = new Set([...graph.outputs, ...extraOutputs]);
  const outputNames = [...outputs].map(({ name }) => name);
  const nodes = needed(graph.nodes, outputNames, (node) => node);
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputNames]);
  const tensors = [...graph.initializers]
    .filter(([name]) => used.has(name))
    .map(([name, { dtype, shape, load }]) => tensorProto(name, dtype, shape, load()));
  const bytes = tensors.reduce((total, tensor) => total + tensor.rawData.length, 0);
  const external = initializers === "external" || (initializers === "auto" && bytes > INLINE_LIMIT);
  if (!external && bytes > PROTOBUF_LIMIT) {
    throw new GraphError(
      `Graph "${graph.name}" holds ${Math.round(bytes / 1e6)} MB of weights, too much for one ONNX file; write it with external data.`,
    );
  }
  const externalData = external ? [moveOutside(tensors, location)] : [];
  const domains = new Set(nodes.map((node) => node.domain).filter((domain) => domain !== ""));
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    producerName: "distillery",
    metadataProps:
      weights === undefined
        ? []
        : [create(StringStringEntryProtoSchema, { key: WEIGHTS_KEY, value: JSON.stringify(weights) })],
    opsetImport: [
      { domain: "", version: BigInt(OPSET_VERSION) },
      ...[...domains].map((domain) => ({ domain, version: 1n })),
    ],
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: nodes.map((node) =>
        create(NodeProtoSchema, {
          opType: node.op,
          domain: node.domain,
          name: node.name,
          input: [...node.inputs],
          output: [...node.outputs],
          attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
        }),
      ),
      initializer: tensors,
      input: graph.inputs.map((tensor) => valueInfo(tensor, freeAxis)),
      output: [...outputs].map((tensor) => valueInfo(tensor, freeAxis)),
    }),
  });
  return { model: toBinary(ModelProtoSchema, model), externalData };
}

const valueInfo = ({ name, dtype, shape }: Tensor, freeAxis?: string) =>
  tensorInfo(
    name,
    DATA_TYPES[dtype],
    shape.map((d, axis) => (freeAxis !== undefined && axis === 0 ? freeAxis : BigInt(d))),
  );

function attributeProto(name: string, attribute: Attribute): AttributeProto {
  switch (attribute.kind) {
    case "int":
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(attribute.value) });
    case "float":
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: attribute.value });
    case "string":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeType.STRING,
        s: new TextEncoder().encode(attribute.value),
      });
    case "ints":
      return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: attribute.value.map(BigInt) });
    case "floats":
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...attribute.value] });
  }
}

function tensorProto(name: string, dtype: DType, shape: readonly number[], data: TensorData): TensorProto {
  if (data.length !== sizeOf(shape)) {
    throw new GraphError(
      `Initializer "${name}" of shape ${formatShape(shape)} needs ${sizeOf(shape)} values, its data has ${data.length}.`,
    );
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return create(TensorProtoSchema, {
    name,
    dataType: DATA_TYPES[dtype],
    dims: shape.map(BigInt),
    rawData: onOwnMemory(bytes) ? bytes : bytes.slice(),
  });
}

const onOwnMemory = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> => bytes.buffer instanceof ArrayBuffer;

function moveOutside(tensors: readonly TensorProto[], location: string): ExternalData {
  const large = tensors.filter((tensor) => tensor.rawData.length >= EXTERNAL_MINIMUM);
  const offsets: number[] = [];
  let end = 0;
  for (const tensor of large) {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    offsets.push(offset);
    end = offset + tensor.rawData.length;
  }
  const data = new Uint8Array(end);
  large.forEach((tensor, i) => {
    const entries = { location, offset: offsets[i]!, length: tensor.rawData.length };
    data.set(tensor.rawData, offsets[i]!);
    tensor.rawData = new Uint8Array(0);
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = Object.entries(entries).map(([key, value]) => ({
      $typeName: "onnx.StringStringEntryProto",
      key,
      value: String(value),
    }));
  });
  return { path: location, data };
}
