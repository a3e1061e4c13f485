/** Reading Einstein summation equations. */
import { formatShape, GraphError, type Tensor } from "../graph";

export interface EinsumPlan {
  /** Labels of each operand's axes. */
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

/** Parses "ij,jk->ik" (or the implicit form "ij,jk") against the operands' shapes. Throws GraphError when they disagree. */
export function parseEinsum(equation: string, tensors: readonly Tensor[]): EinsumPlan {
  const [left = "", right, ...rest] = equation.replaceAll(" ", "").split("->");
  const operands = left.split(",").map((labels) => [...labels]);
  const fail = (reason: string): GraphError => new GraphError(`equation "${equation}" ${reason}.`);
  if (equation.includes(".")) throw fail("has an ellipsis; write the axes out");
  if (rest.length > 0 || operands.length !== tensors.length) {
    throw fail(`does not describe ${tensors.length} operands`);
  }
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => {
    const { shape } = tensors[i]!;
    if (labels.length !== shape.length)
      throw fail(`gives operand ${i} ${labels.length} axes, it has shape ${formatShape(shape)}`);
    if (new Set(labels).size !== labels.length) throw fail(`repeats a label in operand ${i}`);
    labels.forEach((label, axis) => {
      const known = sizes.get(label) ?? shape[axis]!;
      if (known !== shape[axis]) {
        throw fail(
          `needs one size for "${label}", got shapes ${tensors.map((t) => formatShape(t.shape)).join(" and ")}`,
        );
      }
      sizes.set(label, known);
    });
  });
  const all = operands.flat();
  const output = right === undefined ? implicitOutput(all) : [...right];
  const unknown = output.find((label) => !sizes.has(label));
  if (unknown !== undefined) throw fail(`has an output label "${unknown}" that no operand has`);
  if (new Set(output).size !== output.length) throw fail("repeats an output label");
  return { operands, output, sizes };
}

/** numpy's rule: the labels that occur once, in alphabetical order. */
const implicitOutput = (labels: readonly string[]): string[] =>
  labels.filter((label) => labels.indexOf(label) === labels.lastIndexOf(label)).sort();
