/** Works computed weights into constants: W + scale B A becomes one tensor in an exported file. */
import { Graph, sizeOf, type TensorData } from "./graph";

/** Computes the outputs of a graph that has no inputs. */
export type Evaluate = (graph: Graph) => Promise<ReadonlyMap<string, TensorData>>;

/**
 * The same graph with every value that follows from `roots` (names of constants) and other constants alone computed
 * once and for all, unless it is larger than what it is made of. Values keep their names.
 */
export async function foldWeights(graph: Graph, roots: ReadonlySet<string>, evaluate: Evaluate): Promise<Graph> {
  const derived = new Set<string>();
  const size = (name: string) => sizeOf(graph.value(name).shape);
  const folded = graph.nodes.filter((node) => {
    const inputs = node.inputs.filter((name) => name !== "");
    const isConstant = inputs.every((name) => graph.initializers.has(name) || derived.has(name));
    const follows = inputs.some((name) => roots.has(name) || derived.has(name));
    const largest = Math.max(0, ...inputs.map(size));
    if (!isConstant || !follows || node.outputs.some((name) => size(name) > largest)) return false;
    for (const output of node.outputs) derived.add(output);
    return true;
  });
  const isFolded = new Set(folded);
  const kept = graph.nodes.filter((node) => !isFolded.has(node));
  const wanted = new Set([...kept.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const border = [...derived].filter((name) => wanted.has(name));
  if (border.length === 0) return graph;

  const part = new Graph(`${graph.name}.weights`);
  const needed = new Set(folded.flatMap(({ inputs }) => inputs));
  for (const [name, { dtype, shape, load }] of graph.initializers)
    if (needed.has(name)) part.initializer(name, dtype, shape, load);
  for (const node of folded) copyNode(node, graph, part);
  for (const name of border) part.output(part.value(name));
  const values = await evaluate(part);

  const result = new Graph(graph.name);
  for (const { name, dtype, shape } of graph.inputs) result.input(name, dtype, shape);
  for (const [name, { dtype, shape, load }] of graph.initializers) result.initializer(name, dtype, shape, load);
  for (const name of border) {
    const { dtype, shape } = graph.value(name);
    result.initializer(name, dtype, shape, () => values.get(name) ?? new Float32Array());
  }
  for (const node of kept) copyNode(node, graph, result);
  for (const { name } of graph.outputs) result.output(result.value(name));
  return result;
}

/** Adds `node` of `from` to `to`, reading values through `renamed`. */
export function copyNode(
  node: Graph["nodes"][number],
  from: Graph,
  to: Graph,
  renamed: ReadonlyMap<string, string> = new Map(),
): void {
  const inputs = node.inputs.map((name) => (name === "" ? null : to.value(renamed.get(name) ?? name)));
  const outputs = node.outputs.map((name) => ({ name, dtype: from.value(name).dtype, shape: from.value(name).shape }));
  to.add(node.op, inputs, outputs, node.attributes, { domain: node.domain, name: node.name });
}
