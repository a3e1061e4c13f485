/** ONNX files: writing our graphs and reading anybody's. Only the folder `codec/` knows the protobuf classes. */
export {
  type DecodeOptions,
  decodeModel,
  type ExternalData,
  type FileAttribute,
  type FileDimension,
  type FileNode,
  type FileTensor,
  type FileValue,
  type ModelFile,
  type SkeletonOptions,
  skeleton,
  withOutputs,
} from "./codec/decode";
export { dtypeOf, elementType } from "./codec/elementType";
export {
  type EncodedModel,
  type EncodeFilesOptions,
  type EncodeOptions,
  encodeModel,
  encodeModelFiles,
  IR_VERSION,
  OPSET_VERSION,
  WEIGHTS_KEY,
} from "./codec/encode";
