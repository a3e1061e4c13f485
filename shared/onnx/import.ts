/**
 * ONNX files as differentiable parts of our graphs.
 *
 * The runtime does the hard half: with every input size fixed it folds the arithmetic of shapes away and infers the
 * shape of every value. Weights take no part in that (they are handed over as inputs), so they keep their names and
 * values and their data is never copied around. What is left is brought to one operator set.
 */
import { decodeModel, dtypeOf, type ExternalData, type ModelFile, skeleton, withOutputs } from "./codec";
import {
  type DType,
  formatShape,
  type Graph,
  GraphError,
  type Initializer,
  type Tensor,
  type TensorData,
} from "./graph";
import { fromHalf } from "./half";
import { normalise } from "./import/normalise";
import type { PlanInput, PlanNode, Surroundings, ValueType } from "./import/plan";
import { findWeights, modulePaths, widenedHalves } from "./import/weights";
import { needed } from "./needed";

/** What the import needs of a runtime. */
export interface ShapeOracle {
  /** The model with constants folded and nothing else changed, as ONNX Runtime's "basic" optimisations leave it. */
  fold(model: Uint8Array): Promise<Uint8Array>;
  /** Inferred types of the outputs of `model`. Sizes that cannot be inferred are -1. */
  shapes(model: Uint8Array): Promise<Map<string, { dtype: string; shape: readonly number[] }>>;
}

export interface ImportOptions {
  readonly oracle: ShapeOracle;
  /** Sizes for symbolic input dimensions, by symbol ("batch") or by input and axis ("sample.0"). */
  readonly dims?: Readonly<Record<string, number>>;
  readonly externalData?: readonly ExternalData[];
}

/** Makes the value of a weight in `graph`: an initializer, a graph input, anything of that type. */
export type MakeParameter = (name: string, shape: readonly number[], dtype: DType, load: () => TensorData) => Tensor;

export interface InstantiateOptions {
  /** Put before all node and value names; a file applied twice needs two. */
  readonly prefix: string;
  /** One value for each input of the file, in its order. */
  readonly inputs: readonly Tensor[];
  /** Called once for each weight the file's nodes use. Default: constants, shared by all applications in a graph. */
  readonly parameter?: MakeParameter;
  /** Values of the file to return instead of its outputs, inner ones too; what they do not need is left out. */
  readonly values?: readonly string[];
}

export interface NamedType extends ValueType {
  readonly name: string;
}

export interface ImportedModel {
  readonly inputs: readonly NamedType[];
  readonly outputs: readonly NamedType[];
  /** Weights by module path. */
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** What is computed, in an order in which it can be; weights go by their module paths. */
  readonly nodes: readonly PlanNode[];
  /** Applies the file inside `graph` and returns its outputs. Throws GraphError when an input does not fit. */
  instantiate(graph: Graph, options: InstantiateOptions): Tensor[];
}

/**
 * Reads an ONNX file of any operator set from 7 on, for fixed input sizes.
 * Throws GraphError naming what is wrong: an input dimension without a size, or the operator and node that has no
 * static shape or no form in our operator set.
 */
export async function importModel(bytes: Uint8Array, options: ImportOptions): Promise<ImportedModel> {
  const { oracle, dims = {}, externalData = [] } = options;
  const original = decodeModel(bytes, { externalData });
  const weights = findWeights(original);
  const light = skeleton(bytes, { dims, weights, externalData });
  requireSizes(decodeModel(light));

  const folded = await oracle.fold(light);
  const file = decodeModel(folded);
  const names = file.nodes.flatMap((node) => node.outputs).filter((name) => name !== "");
  const inferred = await oracle.shapes(withOutputs(folded, [...new Set(names)]));
  const around = surroundings(file, inferred);
  const casts = widenedHalves(file, original, weights);
  const nodes = file.nodes.filter((node) => !casts.has(node.outputs[0] ?? "")).map((node) => normalise(node, around));

  const paths = modulePaths(original, weights);
  const typed = (name: string): NamedType => ({ name, ...around.typeOf(name) });
  const widened = new Set(casts.values());
  const initializers = new Map(
    [...weights].map((name) => {
      const { load } = original.initializers.get(name)!;
      const stored: Initializer = { ...around.typeOf(name), load };
      return [paths.get(name)!, widened.has(name) ? widen(stored) : stored];
    }),
  );
  const inputs = original.inputs.map(({ name }) => typed(name));
  const plan: Plan = { file, nodes, casts, paths, initializers, inputs, outputs: file.outputs.map(({ name }) => name) };
  const constants = new WeakMap<Graph, Map<string, Tensor>>();
  return {
    inputs,
    outputs: plan.outputs.map(typed),
    initializers,
    nodes: nodes.map((node) => withPaths(node, plan)),
    instantiate: (graph, use) => {
      const shared = constants.get(graph) ?? new Map<string, Tensor>();
      constants.set(graph, shared);
      return instantiate(plan, graph, use, shared);
    },
  };
}

/** The node with its weights under their module paths. */
function withPaths(node: PlanNode, { casts, paths }: Plan): PlanNode {
  const named = (input: PlanInput): PlanInput => {
    if (input === null || !("value" in input)) return input;
    return { value: paths.get(casts.get(input.value) ?? input.value) ?? input.value };
  };
  return { ...node, inputs: node.inputs.map(named) };
}

interface Plan {
  readonly file: ModelFile;
  readonly nodes: readonly PlanNode[];
  /** Values that are another name for a weight. */
  readonly casts: ReadonlyMap<string, string>;
  /** File name of a weight -> module path. */
  readonly paths: ReadonlyMap<string, string>;
  readonly initializers: ReadonlyMap<string, Initializer>;
  readonly inputs: readonly NamedType[];
  readonly outputs: readonly string[];
}

function instantiate(plan: Plan, graph: Graph, use: InstantiateOptions, shared: Map<string, Tensor>): Tensor[] {
  const { prefix, inputs, parameter, values: wanted = plan.outputs } = use;
  checkInputs(prefix, plan.inputs, inputs);
  const values = new Map(plan.inputs.map(({ name }, i) => [name, inputs[i]!]));
  const constant = (key: string, make: () => Tensor): Tensor => {
    const tensor = shared.get(key) ?? make();
    shared.set(key, tensor);
    return tensor;
  };

  const stored = (name: string): Tensor => {
    const path = plan.paths.get(name);
    if (path !== undefined) {
      const { shape, dtype, load } = plan.initializers.get(path)!;
      if (parameter !== undefined) return parameter(path, shape, dtype, load);
      return constant(path, () => graph.initializer(`${prefix}${path}`, dtype, shape, load));
    }
    const tensor = plan.file.initializers.get(name);
    if (tensor?.dtype === undefined) throw new GraphError(`Import: nothing makes the value "${name}".`);
    const { dtype, shape, load } = tensor;
    return constant(name, () => graph.initializer(`${prefix}${name}`, dtype, shape, load));
  };
  const read = (alias: string): Tensor => {
    const name = plan.casts.get(alias) ?? alias;
    const tensor = values.get(name) ?? stored(name);
    values.set(name, tensor);
    return tensor;
  };
  const inputOf = (input: PlanInput): Tensor | null => {
    if (input === null) return null;
    return "value" in input ? read(input.value) : graph.constant(input.constant, input.shape, input.dtype);
  };

  for (const node of needed(plan.nodes, wanted, valuesOf)) {
    const made = node.outputs.filter((output) => output !== null);
    if (made.length !== node.outputs.length && node.outputs.indexOf(null) < made.length) {
      throw new GraphError(`Import: ${node.op} "${node.name}" leaves out an output before one that is used.`);
    }
    const results = graph.add(
      node.op,
      node.inputs.map(inputOf),
      made.map(({ name, dtype, shape }) => ({ dtype, shape, name: `${prefix}${name}` })),
      node.attributes,
      { domain: node.domain, name: `${prefix}${node.name || made[0]!.name}` },
    );
    made.forEach(({ name }, i) => {
      values.set(name, results[i]!);
    });
  }
  return wanted.map(read);
}

/** Values of the file that a node reads and makes. */
const valuesOf = ({ inputs, outputs }: PlanNode) => ({
  inputs: inputs.flatMap((input) => (input !== null && "value" in input ? [input.value] : [])),
  outputs: outputs.flatMap((output) => (output === null ? [] : [output.name])),
});

const widen = ({ shape, load }: Initializer): Initializer => ({
  shape,
  dtype: "float32",
  load: () => {
    const halves = load();
    return halves instanceof Uint16Array ? fromHalf(halves) : halves;
  },
});

function checkInputs(prefix: string, expected: readonly NamedType[], inputs: readonly Tensor[]): void {
  if (inputs.length !== expected.length) {
    const names = expected.map(({ name }) => name).join(", ");
    throw new GraphError(`Model "${prefix}" takes ${expected.length} inputs (${names}), got ${inputs.length}.`);
  }
  expected.forEach(({ name, dtype, shape }, i) => {
    const given = inputs[i]!;
    if (given.dtype === dtype && given.shape.join() === shape.join()) return;
    throw new GraphError(
      `Model "${prefix}": input "${name}" must be ${dtype}${formatShape(shape)}, got ${given.dtype}${formatShape(given.shape)}.`,
    );
  });
}

function requireSizes(file: ModelFile): void {
  for (const { name, shape } of file.inputs) {
    if (shape === null) throw new GraphError(`Import: the file does not say the rank of input "${name}".`);
    const free = shape.flatMap((d, axis) => (typeof d === "number" ? [] : [d ?? `${name}.${axis}`]));
    if (free.length > 0)
      throw new GraphError(`Import: input "${name}" has free dimensions; give sizes for ${free.join(", ")}.`);
  }
}

function surroundings(
  file: ModelFile,
  inferred: ReadonlyMap<string, { dtype: string; shape: readonly number[] }>,
): Surroundings {
  const producers = new Map(file.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const declared = new Map(file.inputs.map((input) => [input.name, input]));
  const typeOf = (name: string): ValueType => {
    const input = declared.get(name) ?? file.initializers.get(name);
    const found = inferred.get(name);
    const dtype = input?.dtype ?? (found && dtypeByName(found.dtype));
    const shape = (input?.shape ?? found?.shape ?? [-1]).map((d) => (typeof d === "number" ? d : -1));
    if (dtype !== undefined && !shape.includes(-1)) return { dtype, shape };
    const producer = producers.get(name);
    const from = producer ? ` from ${producer.op} "${producer.name}"` : "";
    const problem = dtype === undefined ? `type ${found?.dtype ?? "unknown"}` : `shape ${formatShape(shape)}`;
    throw new GraphError(
      `Import: value "${name}"${from} has ${problem}; every value must be a tensor of a fixed size.`,
    );
  };
  return { opset: file.opsets[""] ?? 1, typeOf, constantOf: (name) => file.initializers.get(name)?.load() };
}

const DOUBLE = 11;

/** Runtime's name of an element type; doubles become float32, as in files. */
function dtypeByName(name: string): DType | undefined {
  if (name === "float64") return dtypeOf(DOUBLE);
  const known: readonly DType[] = ["float32", "int64", "int32", "bool", "float16", "uint8"];
  return known.find((dtype) => dtype === name);
}
