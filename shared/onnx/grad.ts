/** Reverse-mode differentiation of ONNX graphs. */

import { RULES, takesLazyGradients } from "./gradients";
import type { RuleTable } from "./gradients/rule";
import { formatShape, type Graph, GraphError, type Node, type Tensor } from "./graph";
import { add, broadcast, expand, scalar, zeros } from "./ops";
import { isStopGradient } from "./ops/stopGradient";

export { stopGradient } from "./ops/stopGradient";

/**
 * Gradients of the one-element `loss` for each of `parameters` (any float values of the same graph), as new values of
 * the graph with the parameters' shapes; zeros where the loss does not depend on one. The emitted operators all have
 * rules themselves, so a function of gradients can be differentiated again.
 *
 * Throws GraphError when the loss is not one number, or naming the operator and the node that has no rule.
 */
export function grad(loss: Tensor, parameters: readonly Tensor[], rules: RuleTable = RULES): Tensor[] {
  if (loss.size !== 1 || !isFloat(loss)) {
    throw new GraphError(
      `grad: the loss must be one float number, "${loss.name}" is ${loss.dtype}${formatShape(loss.shape)}.`,
    );
  }
  const stray = parameters.find((parameter) => parameter.graph !== loss.graph || !isFloat(parameter));
  if (stray !== undefined) {
    throw new GraphError(`grad: parameter ${stray} must be a float value of the loss's graph.`);
  }
  const { graph } = loss;
  const nodes = [...graph.nodes];
  const wanted = new Set(parameters.map((parameter) => parameter.name));
  const varying = dependents(nodes, graph, wanted);
  const gradients = new Gradients(graph);
  gradients.add(loss, scalar(graph, 1, loss.dtype));

  for (const node of nodes.toReversed()) {
    const needs = node.inputs.map((name) => varying.has(name));
    if (isStopGradient(node) || !needs.includes(true) || !node.outputs.some((name) => gradients.has(name))) continue;
    const rule = node.domain === "" ? rules[node.op] : undefined;
    if (rule === undefined) {
      throw new GraphError(
        `grad: operator ${node.domain}${node.domain && "."}${node.op} (node "${node.name}") has no gradient rule.`,
      );
    }
    graph.scope(`grad/${node.name}`, () => {
      const inputs = node.inputs.map((name) => (name === "" ? null : graph.value(name)));
      const outputs = node.outputs.map((name) => graph.value(name));
      const lazy = takesLazyGradients(node.op);
      const grads = outputs.map((out) => gradients.of(out, lazy));
      const results = rule({ graph, node, inputs, outputs, grads, needs, wanted });
      results.forEach((result, i) => {
        if (result !== null && needs[i]) gradients.add(inputs[i]!, result);
      });
    });
  }
  return parameters.map(
    (parameter) => gradients.of(parameter, false) ?? zeros(graph, parameter.shape, parameter.dtype),
  );
}

const isFloat = (tensor: Tensor): boolean => tensor.dtype === "float32" || tensor.dtype === "float16";

/** Names of the float values that depend on `wanted`, those included. */
function dependents(nodes: readonly Node[], graph: Graph, wanted: ReadonlySet<string>): Set<string> {
  const names = new Set(wanted);
  for (const node of nodes) {
    if (isStopGradient(node) || !node.inputs.some((name) => names.has(name))) continue;
    for (const name of node.outputs) if (name !== "" && isFloat(graph.value(name))) names.add(name);
  }
  return names;
}

/** Gradients gathered so far, added up when they are asked for. */
class Gradients {
  private readonly parts = new Map<string, Tensor[]>();

  constructor(private readonly graph: Graph) {}

  has(name: string): boolean {
    return this.parts.has(name);
  }

  add(tensor: Tensor, gradient: Tensor): void {
    if (broadcast(gradient.shape, tensor.shape)?.join() !== tensor.shape.join()) {
      throw new GraphError(
        `grad: a rule gave ${formatShape(gradient.shape)} as the gradient of "${tensor.name}" ${formatShape(tensor.shape)}` +
          ` (in "${this.graph.currentScope}").`,
      );
    }
    const parts = this.parts.get(tensor.name);
    if (parts === undefined) this.parts.set(tensor.name, [gradient]);
    else parts.push(gradient);
  }

  /** The sum; null where nothing arrived. Spread to the tensor's shape unless `lazy`. */
  of(tensor: Tensor, lazy: boolean): Tensor | null {
    const parts = this.parts.get(tensor.name);
    if (parts === undefined) return null;
    const sum = parts.reduce((a, b) => add(a, b));
    const full = lazy ? sum : expand(sum, tensor.shape);
    this.parts.set(tensor.name, [full]);
    return full;
  }
}
