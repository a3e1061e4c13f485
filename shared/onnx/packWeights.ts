/** How weights are stored in an exported file: under which names, in which precision. */
import { elementType } from "./codec/elementType";
import { copyNode } from "./foldWeights";
import { Graph, GraphError, type TensorData } from "./graph";
import { toHalf } from "./half";

export type Precision = "float32" | "float16";

/**
 * The same graph with its weights (`names`: name in the graph -> name in the file) renamed. With float16, matrices and
 * kernels are stored as halves and cast to float32 where they are read; vectors stay, they are small and matter more.
 * @throws GraphError when a weight does not fit a half.
 */
export function packWeights(graph: Graph, names: ReadonlyMap<string, string>, precision: Precision): Graph {
  const packed = new Graph(graph.name);
  const renamed = new Map<string, string>();
  for (const { name, dtype, shape } of graph.inputs) packed.input(name, dtype, shape);
  for (const [name, { dtype, shape, load }] of graph.initializers) {
    const stored = names.get(name) ?? name;
    const isHalf = precision === "float16" && names.has(name) && dtype === "float32" && shape.length >= 2;
    if (isHalf) {
      const half = packed.initializer(stored, "float16", shape, () => halves(load(), stored));
      const attributes = { to: { kind: "int", value: elementType("float32") } } as const;
      const wide = `${stored}:float32`;
      packed.add("Cast", [half], [{ dtype, shape, name: wide }], attributes, { name: wide });
      renamed.set(name, wide);
    } else {
      packed.initializer(stored, dtype, shape, load);
      renamed.set(name, stored);
    }
  }
  for (const node of graph.nodes) copyNode(node, graph, packed, renamed);
  for (const { name } of graph.outputs) packed.output(packed.value(renamed.get(name) ?? name));
  return packed;
}

function halves(data: TensorData, name: string): Uint16Array {
  if (!(data instanceof Float32Array)) throw new GraphError(`Weight "${name}" is not float32.`);
  const half = toHalf(data);
  const i = half.findIndex((bits, k) => (bits & 0x7c00) === 0x7c00 && Number.isFinite(data[k]));
  if (i >= 0) throw new GraphError(`Weight "${name}" holds ${data[i]}, too large for float16; export it as float32.`);
  return half;
}
