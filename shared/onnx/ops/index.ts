/** Functions that append ONNX operators to a graph, named as in the specification. */
export { broadcast, type Operand, scalar } from "./build";
export * from "./conv";
export * from "./elementwise";
export * from "./linear";
export * from "./norm";
export * from "./pool";
export * from "./reduce";
export * from "./resize";
export * from "./shape";
