/** Linear and convolution layers of a network, found in its operations: imported files and our own networks alike. */
import type { Graph, Node } from "@distillery/shared/onnx/graph";
import type { DryRun } from "./dryRun";

/** How a weight is stored: y = x W is [in, out]; y = x W^T, as PyTorch's Linear, [out, in]; Conv [out, in, ...window]. */
export type Layout = "in-out" | "out-in" | "convolution";

/**
 * Where a layer lies. "first" and "last": nothing but it is between the network's subject and the other layers, or
 * between them and the result. "embedding": it works on the time or another condition, and other such layers read it.
 */
export type Place = "first" | "last" | "embedding" | "inner";

export interface Layer {
  readonly path: string;
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly place: Place;
}

/** Layers in the order in which the network uses them. */
export function layersOf({ graph, subject, weights }: DryRun): Layer[] {
  const consumers = consumersOf(graph);
  const uses = new Map<Node, { path: string; layout: Layout; operand: string }>();
  for (const [path, { name, shape }] of weights) {
    for (const use of usesOf(name, shape, consumers)) uses.set(use.node, { path, ...use });
  }
  const before = upstream(graph, subject.name, uses);
  const after = downstream(graph, before, uses);
  const layers = new Map<string, Layer>();
  for (const node of graph.nodes) {
    const use = uses.get(node);
    if (use === undefined || layers.has(use.path)) continue;
    const seen = before.get(use.operand) ?? NOTHING;
    const follows = after.get(node.outputs[0] ?? "") ?? NOTHING;
    const { shape } = weights.get(use.path) ?? { shape: [] };
    layers.set(use.path, { path: use.path, shape, layout: use.layout, place: placeOf(seen, follows) });
  }
  return [...layers.values()];
}

/** What lies on one side of a value: the subject, layers that work on it, layers that work on something else. */
interface Side {
  readonly subject: boolean;
  readonly trunk: boolean;
  readonly aside: boolean;
}
const NOTHING: Side = { subject: false, trunk: false, aside: false };
const union = (sides: readonly Side[]): Side => ({
  subject: sides.some(({ subject }) => subject),
  trunk: sides.some(({ trunk }) => trunk),
  aside: sides.some(({ aside }) => aside),
});

function placeOf(seen: Side, follows: Side): Place {
  if (!seen.subject) return follows.aside ? "embedding" : "inner";
  if (!seen.trunk) return "first";
  return follows.trunk ? "inner" : "last";
}

type Uses = ReadonlyMap<Node, { readonly operand: string }>;

function upstream(graph: Graph, subject: string, uses: Uses): Map<string, Side> {
  const before = new Map<string, Side>([[subject, { ...NOTHING, subject: true }]]);
  for (const node of graph.nodes) {
    const seen = union(node.inputs.map((name) => before.get(name) ?? NOTHING));
    const isLayer = uses.has(node);
    const made = {
      subject: seen.subject,
      trunk: seen.trunk || (isLayer && seen.subject),
      aside: seen.aside || (isLayer && !seen.subject),
    };
    for (const output of node.outputs) before.set(output, made);
  }
  return before;
}

function downstream(graph: Graph, before: ReadonlyMap<string, Side>, uses: Uses): Map<string, Side> {
  const after = new Map<string, Side>();
  for (const node of [...graph.nodes].reverse()) {
    const follows = union(node.outputs.map((name) => after.get(name) ?? NOTHING));
    const operand = uses.get(node)?.operand;
    const onSubject = operand !== undefined && before.get(operand)?.subject === true;
    const made = {
      subject: false,
      trunk: follows.trunk || onSubject,
      aside: follows.aside || (operand !== undefined && !onSubject),
    };
    for (const input of node.inputs) after.set(input, union([after.get(input) ?? NOTHING, made]));
  }
  return after;
}

interface Consumer {
  readonly node: Node;
  readonly index: number;
}

function consumersOf(graph: Graph): Map<string, Consumer[]> {
  const consumers = new Map<string, Consumer[]>();
  for (const node of graph.nodes) {
    node.inputs.forEach((name, index) => {
      const known = consumers.get(name) ?? [];
      consumers.set(name, [...known, { node, index }]);
    });
  }
  return consumers;
}

/** The products that a weight takes part in, also through a cast or a transposition. */
function usesOf(
  name: string,
  shape: readonly number[],
  consumers: ReadonlyMap<string, readonly Consumer[]>,
  isTransposed = false,
): { node: Node; layout: Layout; operand: string }[] {
  return (consumers.get(name) ?? []).flatMap(({ node, index }) => {
    const [output = ""] = node.outputs;
    if (node.op === "Cast" || node.op === "Identity") return usesOf(output, shape, consumers, isTransposed);
    if (node.op === "Transpose" && shape.length === 2) return usesOf(output, shape, consumers, !isTransposed);
    const layout = layoutIn(node, index, shape.length);
    const operand = node.inputs[index === 0 ? 1 : 0] ?? "";
    return layout === undefined ? [] : [{ node, layout: isTransposed ? flipped(layout) : layout, operand }];
  });
}

function layoutIn({ op, attributes }: Node, index: number, rank: number): Layout | undefined {
  const isOn = (name: string) => attributes[name]?.kind === "int" && attributes[name].value === 1;
  if (op === "Conv" && index === 1) return "convolution";
  if (rank !== 2 || index > 1) return undefined;
  if (op === "MatMul") return index === 1 ? "in-out" : "out-in";
  if (op !== "Gemm") return undefined;
  if (index === 1) return isOn("transB") ? "out-in" : "in-out";
  return isOn("transA") ? "in-out" : "out-in";
}

const flipped = (layout: Layout): Layout => {
  if (layout === "convolution") return layout;
  return layout === "in-out" ? "out-in" : "in-out";
};
