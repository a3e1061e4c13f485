/** Low-rank changes of a weight (Hu et al. 2022), named and started as PEFT does. */
import type { ParameterSpec, ParameterView } from "@distillery/shared/graph/wires";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { gemm, reshape } from "@distillery/shared/onnx/ops";
import type { Layer } from "./layers";

export const moduleOf = (path: string): string => path.replace(/\.weight$/, "");

/** Of A and B. */
export const adapterPaths = (path: string): [a: string, b: string] => [
  `${moduleOf(path)}.lora_A.weight`,
  `${moduleOf(path)}.lora_B.weight`,
];

/** W + scale B A, in the layout of W. `view` reads A and B; B starts at zero, so the sum starts as W itself. */
export function adapted(
  weight: Tensor,
  { path, shape, layout }: Pick<Layer, "path" | "shape" | "layout">,
  { rank, scale }: { rank: number; scale: number },
  view: ParameterView,
): Tensor {
  const specs = adapterSpecs({ shape, layout }, rank);
  const [pathOfA, pathOfB] = adapterPaths(path);
  const a = view(pathOfA, specs.a);
  const b = view(pathOfB, specs.b);
  if (layout === "in-out") return gemm(a, b, weight, { alpha: scale, transA: true, transB: true });
  if (layout === "out-in") return gemm(b, a, weight, { alpha: scale });
  const [outputs = 1, ...window] = shape;
  const flat = (tensor: Tensor, rows: number) => reshape(tensor, [rows, tensor.size / rows]);
  return reshape(gemm(flat(b, outputs), flat(a, rank), flat(weight, outputs), { alpha: scale }), [outputs, ...window]);
}

/** The same on the host, in place: `weight` becomes W + scale B A. */
export function workIn(
  weight: Float32Array,
  [a, b]: readonly [Float32Array, Float32Array],
  { shape, layout }: Pick<Layer, "shape" | "layout">,
  { rank, scale }: { rank: number; scale: number },
): void {
  const outputs = layout === "in-out" ? (shape[1] as number) : (shape[0] as number);
  const inputs = weight.length / outputs;
  const row = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = scale * (b[o * rank + r] as number);
      for (let i = 0; i < inputs; i++) row[i] = (row[i] as number) + factor * (a[r * inputs + i] as number);
    }
    for (let i = 0; i < inputs; i++) {
      const at = layout === "in-out" ? i * outputs + o : o * inputs + i;
      weight[at] = (weight[at] as number) + (row[i] as number);
    }
  }
}

/** Linear: A [r, in], B [out, r]. Convolution: A [r, in, ...window], B [out, r, 1, ...]. A is Kaiming-uniform with a = sqrt(5). */
export function adapterSpecs(
  { shape, layout }: Pick<Layer, "shape" | "layout">,
  rank: number,
): { a: ParameterSpec; b: ParameterSpec } {
  const [first = 1, ...others] = shape;
  const outputs = layout === "in-out" ? (others[0] as number) : first;
  const rest = layout === "in-out" ? [first] : others;
  const ones = layout === "convolution" ? others.slice(1).map(() => 1) : [];
  return {
    a: { shape: [rank, ...rest], init: { kind: "uniform", bound: 1 / Math.sqrt(sizeOf(rest)) } },
    b: { shape: [outputs, rank, ...ones], init: { kind: "zeros" } },
  };
}
