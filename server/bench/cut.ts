/** Cuts a piece out of an ONNX graph: the nodes between given values and wanted ones. */
import { Graph, type Tensor } from "@distillery/shared/onnx/graph";

/**
 * A graph that computes `outputs` from `given` values of `graph`; everything else it needs (inputs, initializers) stays
 * as it was. Tensors are matched by name.
 */
export function cutGraph(graph: Graph, name: string, given: readonly Tensor[], outputs: readonly Tensor[]): Graph {
  const cut = new Set(given.map((tensor) => tensor.name));
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const needed = new Set<string>();
  const waiting = outputs.map((tensor) => tensor.name);
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (value === "" || needed.has(value)) continue;
    needed.add(value);
    if (!cut.has(value)) waiting.push(...(producers.get(value)?.inputs ?? []));
  }
  const piece = new Graph(name);
  for (const tensor of given) if (needed.has(tensor.name)) piece.input(tensor.name, tensor.dtype, tensor.shape);
  for (const tensor of graph.inputs) {
    if (needed.has(tensor.name) && !cut.has(tensor.name)) piece.input(tensor.name, tensor.dtype, tensor.shape);
  }
  for (const [key, { dtype, shape, load }] of graph.initializers) {
    if (needed.has(key) && !cut.has(key)) piece.initializer(key, dtype, shape, load);
  }
  for (const node of graph.nodes) {
    if (!node.outputs.some((output) => needed.has(output) && !cut.has(output))) continue;
    piece.add(
      node.op,
      node.inputs.map((input) => (input === "" ? null : piece.value(input))),
      node.outputs.map((output) => ({
        name: output,
        dtype: graph.value(output).dtype,
        shape: graph.value(output).shape,
      })),
      node.attributes,
      { domain: node.domain, name: node.name },
    );
  }
  for (const tensor of outputs) piece.output(piece.value(tensor.name));
  return piece;
}
