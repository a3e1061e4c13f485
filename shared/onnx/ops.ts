/** Functions that append ONNX operators to a graph, named as in the specification. */
export { broadcast, type Operand, scalar } from "./ops/build";
export * from "./ops/conv";
export * from "./ops/elementwise";
export * from "./ops/linear";
export * from "./ops/norm";
export * from "./ops/pool";
export * from "./ops/reduce";
export * from "./ops/resize";
export * from "./ops/shape";
export { isStopGradient, stopGradient } from "./ops/stopGradient";
