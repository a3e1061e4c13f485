import type { Initialiser } from "@distillery/shared/graph/wires";

/** PyTorch's default for linear and convolution layers: uniform in +-1/sqrt(fan in), times `gain`. */
export const fanIn = (inputs: number, gain = 1): Initialiser =>
  gain === 0 ? { kind: "zeros" } : { kind: "uniform", bound: gain / Math.sqrt(inputs) };
