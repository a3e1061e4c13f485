/**
 * The one intermediate representation: an ONNX graph whose every value has a static shape.
 *
 * Graphs built here and graphs imported from files share it, so gradients, optimisers and the codec know only this.
 * A node's `op` and attribute names are exactly those of the ONNX specification.
 */

import { needed } from "./needed";

export type DType = "float32" | "int64" | "int32" | "bool" | "float16" | "uint8";

export type TensorData = Float32Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;

/** Attribute values; integers are `number` (or `number[]`) here and become INT(S) when `kind` says so. */
export type Attribute =
  | { kind: "int"; value: number }
  | { kind: "float"; value: number }
  | { kind: "string"; value: string }
  | { kind: "ints"; value: readonly number[] }
  | { kind: "floats"; value: readonly number[] };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: string;
  /** "" for the default ONNX domain. */
  readonly domain: string;
  readonly name: string;
  /** Value names; "" marks an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A symbolic tensor: a named value of one graph, with its static shape. */
export class Tensor {
  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly dtype: DType,
    readonly shape: readonly number[],
  ) {}

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  toString(): string {
    return `${this.name}: ${this.dtype}${formatShape(this.shape)}`;
  }
}

/** An initializer whose values may be made only when the model is written (large constants). */
export interface Initializer {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly load: () => TensorData;
}

export class GraphError extends Error {
  override readonly name = "GraphError";
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, d) => product * d, 1);

export const formatShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** Sees a node with its results and gives what stands for them (`Graph.intercept`). */
export type NodeHook = (node: Node, results: readonly Tensor[]) => readonly Tensor[];

/** An ONNX graph under construction. Values are added once and never change. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly values = new Map<string, Tensor>();
  readonly initializers = new Map<string, Initializer>();
  readonly inputs: Tensor[] = [];
  readonly outputs: Tensor[] = [];
  private readonly inputNames = new Set<string>();
  private readonly outputNames = new Set<string>();
  private counter = 0;
  private scopePath = "";
  private readonly constants = new Map<string, Tensor>();
  private readonly scalars = new Map<string, number>();
  private readonly producers = new Map<string, Node>();
  private hook: NodeHook | undefined;

  constructor(readonly name = "graph") {}

  /** Runs `body` with node names prefixed by `scope/`, so a tensor's name leads back to the document node it came from. */
  scope<T>(scope: string, body: () => T): T {
    const outer = this.scopePath;
    this.scopePath = outer === "" ? `${scope}/` : `${outer}${scope}/`;
    try {
      return body();
    } finally {
      this.scopePath = outer;
    }
  }

  /**
   * While `body` runs, `hook` sees each node with its results as it is added, and says what stands for these results from there
   * on: themselves, or values that it makes of them. Nodes that the hook adds do not come before it.
   */
  intercept<T>(hook: NodeHook, body: () => T): T {
    const outer = this.hook;
    const inner: NodeHook = (node, results) => {
      this.hook = outer;
      try {
        return hook(node, outer?.(node, results) ?? results);
      } finally {
        this.hook = inner;
      }
    };
    this.hook = inner;
    try {
      return body();
    } finally {
      this.hook = outer;
    }
  }

  /** The path given by the enclosing `scope` calls, "" outside any. */
  get currentScope(): string {
    return this.scopePath.replace(/\/$/, "");
  }

  /** A name not used yet, inside the current scope. */
  freshName(hint: string): string {
    let name: string;
    do name = `${this.scopePath}${hint}_${this.counter++}`;
    while (this.values.has(name) || this.values.has(`${name}:0`));
    return name;
  }

  input(name: string, dtype: DType, shape: readonly number[]): Tensor {
    const tensor = this.declare(name, dtype, shape);
    this.inputs.push(tensor);
    this.inputNames.add(name);
    return tensor;
  }

  /** Turns an input into an initializer: its values become part of the model. */
  bind(input: Tensor, load: () => TensorData): void {
    const at = this.inputs.indexOf(input);
    if (at < 0) throw new GraphError(`"${input.name}" is not an input of graph "${this.name}".`);
    this.inputs.splice(at, 1);
    this.inputNames.delete(input.name);
    this.initializers.set(input.name, { dtype: input.dtype, shape: input.shape, load });
  }

  /** Marks a value as a graph output. A value may be an output once. Returns the same tensor. */
  output(tensor: Tensor): Tensor {
    this.own(tensor);
    if (!this.outputNames.has(tensor.name)) this.outputs.push(tensor);
    this.outputNames.add(tensor.name);
    return tensor;
  }

  /** Whether a node computes it; inputs and initializers are given. */
  isComputed(tensor: Tensor): boolean {
    return !this.inputNames.has(tensor.name) && !this.initializers.has(tensor.name);
  }

  initializer(name: string, dtype: DType, shape: readonly number[], load: () => TensorData): Tensor {
    const tensor = this.declare(name, dtype, shape);
    this.initializers.set(name, { dtype, shape, load });
    return tensor;
  }

  /** A small constant, shared between equal uses. `values` in row-major order. */
  constant(values: readonly number[], shape: readonly number[] = [], dtype: DType = "float32"): Tensor {
    if (values.length !== sizeOf(shape)) {
      throw new GraphError(
        `A constant of shape ${formatShape(shape)} needs ${sizeOf(shape)} values, got ${values.length}.`,
      );
    }
    const key = `${dtype}|${shape.join(",")}|${values.join(",")}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const data = toTypedArray(values, dtype);
    let name: string;
    do name = `const_${this.counter++}`;
    while (this.values.has(name));
    const tensor = this.initializer(name, dtype, shape, () => data);
    this.constants.set(key, tensor);
    if (values.length === 1) this.scalars.set(name, values[0]!);
    return tensor;
  }

  /** The number in a one-element `constant`; undefined for every other tensor (parameters too may be initializers). */
  scalarValue(tensor: Tensor): number | undefined {
    return this.scalars.get(tensor.name);
  }

  /** Appends one ONNX node; the caller (an op function or an importer) is responsible for the output shapes. */
  add(
    op: string,
    inputs: readonly (Tensor | null)[],
    outputs: readonly { dtype: DType; shape: readonly number[]; name?: string }[],
    attributes: Attributes = {},
    options: { domain?: string; name?: string } = {},
  ): Tensor[] {
    for (const tensor of inputs) if (tensor !== null) this.own(tensor);
    const name = options.name ?? this.freshName(op);
    const results = outputs.map((spec, i) =>
      this.declare(spec.name ?? (outputs.length === 1 ? name : `${name}:${i}`), spec.dtype, spec.shape),
    );
    const node: Node = {
      op,
      domain: options.domain ?? "",
      name,
      inputs: inputs.map((tensor) => tensor?.name ?? ""),
      outputs: results.map((tensor) => tensor.name),
      attributes,
    };
    this.nodes.push(node);
    for (const tensor of results) this.producers.set(tensor.name, node);
    return this.hook === undefined ? results : [...this.hook(node, results)];
  }

  /** The node that computes a value; undefined for inputs and initializers. */
  producer(tensor: Tensor): Node | undefined {
    return this.producers.get(tensor.name);
  }

  /**
   * Drops the nodes that no output needs. Of the inputs nobody reads then, those that `isFed` does not ask for go, too;
   * their names are returned.
   */
  prune(isFed: (input: string) => boolean): Set<string> {
    const kept = new Set(
      needed(
        this.nodes,
        this.outputs.map(({ name }) => name),
        (node) => node,
      ),
    );
    const read = new Set([...this.outputs.map(({ name }) => name), ...[...kept].flatMap((node) => node.inputs)]);
    for (const name of this.nodes.filter((node) => !kept.has(node)).flatMap((node) => node.outputs)) {
      this.values.delete(name);
      this.producers.delete(name);
    }
    this.nodes.splice(0, this.nodes.length, ...kept);
    const unread = new Set(this.inputs.flatMap(({ name }) => (read.has(name) || isFed(name) ? [] : [name])));
    this.inputs.splice(0, this.inputs.length, ...this.inputs.filter(({ name }) => !unread.has(name)));
    for (const name of unread) {
      this.values.delete(name);
      this.inputNames.delete(name);
    }
    return unread;
  }

  value(name: string): Tensor {
    const tensor = this.values.get(name);
    if (tensor === undefined) throw new GraphError(`Graph "${this.name}" has no value "${name}".`);
    return tensor;
  }

  private declare(name: string, dtype: DType, shape: readonly number[]): Tensor {
    if (this.values.has(name)) throw new GraphError(`Graph "${this.name}" already has a value "${name}".`);
    for (const d of shape) {
      if (!Number.isInteger(d) || d < 0)
        throw new GraphError(`Value "${name}" has an invalid shape ${formatShape(shape)}.`);
    }
    const tensor = new Tensor(this, name, dtype, [...shape]);
    this.values.set(name, tensor);
    return tensor;
  }

  private own(tensor: Tensor): void {
    if (tensor.graph !== this) throw new GraphError(`Value "${tensor.name}" belongs to another graph.`);
  }
}

/** Numbers to the typed array ONNX stores for `dtype`. */
export function toTypedArray(values: readonly number[], dtype: DType): TensorData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "int64":
      return BigInt64Array.from(values, (v) => BigInt(v));
    case "int32":
      return Int32Array.from(values);
    case "bool":
    case "uint8":
      return Uint8Array.from(values);
    case "float16":
      throw new GraphError("float16 constants are made by Cast, not from numbers.");
  }
}
