/** An imported file on its way into a graph: nodes with static shapes, in the forms of one operator set. */
import type { FileNode } from "../codec";
import { type Attribute, type Attributes, type DType, GraphError, type TensorData } from "../graph";

/** A value of the file, a constant made by the importer, or an absent optional input. */
export type PlanInput =
  | { readonly value: string }
  | { readonly constant: readonly number[]; readonly shape: readonly number[]; readonly dtype: DType }
  | null;

export interface ValueType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface PlanNode {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly PlanInput[];
  /** null marks an output that nothing reads. */
  readonly outputs: readonly (({ readonly name: string } & ValueType) | null)[];
  readonly attributes: Attributes;
}

/** What a normalising rule may know about the file. */
export interface Surroundings {
  /** Operator set version of the default domain. */
  readonly opset: number;
  /** Type of a value; throws GraphError when it has no static shape. */
  typeOf(name: string): ValueType;
  /** Stored values, undefined for what is computed. */
  constantOf(name: string): TensorData | undefined;
}

/** The parts of a node that a rule changes. */
export type Change = Partial<Pick<PlanNode, "op" | "inputs">> & { attributes?: Record<string, Attribute> };

/** A rule; `inputs` and `attributes` are the node's own, already in the importer's terms. */
export type Normaliser = (
  node: FileNode,
  parts: { inputs: readonly PlanInput[]; attributes: Readonly<Record<string, Attribute>> },
  around: Surroundings,
) => Change;

/** "Resize "/up/Resize"", with the first output in place of a missing name. */
export const nodeLabel = (node: FileNode): string => `${node.op} "${node.name || node.outputs[0]}"`;

export const importError = (node: FileNode, message: string): GraphError =>
  new GraphError(`Import: ${nodeLabel(node)} ${message}`);

export const ints64 = (values: readonly number[]): PlanInput => ({
  constant: values,
  shape: [values.length],
  dtype: "int64",
});

export const floatScalar = (value: number): PlanInput => ({ constant: [value], shape: [], dtype: "float32" });
