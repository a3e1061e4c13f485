/** A graph for any batch size, from the same network built for two sizes: what differs between them is the batch. */
import { formatShape, Graph, GraphError, type TensorData } from "./graph";

/**
 * Rewrites `one` (built for some batch size) so that nothing in it depends on that size, by comparing it with `other`,
 * the same network built for another size. Only shapes that Reshape takes may differ, each in one place, which becomes -1.
 * Inputs and outputs keep their shapes; write the model with `freeAxis` to leave their first axis open.
 * @throws GraphError naming the node that depends on the batch in any other way.
 */
export function freeBatch(one: Graph, other: Graph): Graph {
  if (one.nodes.length !== other.nodes.length) {
    throw new GraphError(
      `The network has ${one.nodes.length} nodes for one batch size and ${other.nodes.length} for another.`,
    );
  }
  const free = new Graph(one.name);
  for (const { name, dtype, shape } of one.inputs) free.input(name, dtype, shape);
  for (const [name, { dtype, shape, load }] of one.initializers) free.initializer(name, dtype, shape, load);
  one.nodes.forEach((node, i) => {
    const twin = other.nodes[i];
    if (twin?.op !== node.op || JSON.stringify(twin.attributes) !== JSON.stringify(node.attributes)) {
      throw new GraphError(`Node ${node.name} (${node.op}) is another one for another batch size.`);
    }
    const inputs = node.inputs.map((name, k) => {
      if (name === "") return null;
      const [mine, theirs] = [one.initializers.get(name), other.initializers.get(twin?.inputs[k] ?? "")];
      if (mine === undefined || theirs === undefined) return free.value(name);
      // Weights are shared between the two builds; only small constants can depend on the batch.
      const [a, b] = [mine.load(), theirs.load()];
      if (equalData(a, b)) return free.value(name);
      const opened = node.op === "Reshape" && k === 1 ? openAxis(a, b) : undefined;
      if (opened === undefined) {
        throw new GraphError(
          `Node ${node.name} (${node.op}) needs another constant ${formatShape(mine.shape)} for every batch size.`,
        );
      }
      return free.initializer(free.freshName(`${node.name}:shape`), "int64", mine.shape, () => opened);
    });
    const outputs = node.outputs.map((name) => ({ name, dtype: one.value(name).dtype, shape: one.value(name).shape }));
    free.add(node.op, inputs, outputs, node.attributes, { domain: node.domain, name: node.name });
  });
  for (const { name } of one.outputs) free.output(free.value(name));
  return free;
}

const equalData = (a: TensorData, b: TensorData): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));

/** The shape with the one place where `a` and `b` differ left open; undefined when that is not possible. */
function openAxis(a: TensorData, b: TensorData): BigInt64Array | undefined {
  if (!(a instanceof BigInt64Array) || !(b instanceof BigInt64Array) || a.length !== b.length) return undefined;
  const differing = [...a.keys()].filter((i) => a[i] !== b[i]);
  if (differing.length !== 1 || a.includes(-1n)) return undefined;
  return a.map((d, i) => (i === differing[0] ? -1n : d));
}
