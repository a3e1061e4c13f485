/** One stage while it is being built: the graph, and everything its host must feed, fetch and carry. */
import type { Issue } from "../graph/document";
import type { Distribution, StageContext, Turn, VariableSpec } from "../graph/node";
import type { Resources } from "../graph/wires";
import { type DType, Graph, GraphError, type Tensor, type TensorData } from "../onnx/graph";
import { identity } from "../onnx/ops";

export type StageKind = StageContext["kind"];

export interface Variable {
  readonly spec: VariableSpec;
  readonly tensor: Tensor;
  readonly owner: string;
  readonly path: string;
  /** Graph output that holds the next step's value, when the stage updates it. */
  next?: Tensor;
  /** Whether it is updated in one turn only, where trainers take turns. */
  turn: Turn;
}
export interface RandomInput {
  readonly input: string;
  readonly stream: string;
  readonly distribution: Distribution;
  readonly shape: readonly number[];
}
export interface HostInput {
  readonly input: string;
  readonly node: string;
  readonly name: string;
}
export interface HostOutput {
  readonly output: string;
  readonly node: string;
  readonly name: string;
  readonly every: number;
}
export interface SeriesOutput {
  readonly output: string;
  readonly node: string;
  readonly name: string;
}

/** Raised by `context.fail`: a finding on one node, with the socket where it is known. */
export class StageError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly node: string,
    readonly socket?: string,
  ) {
    super(message);
  }
}

export const STEP_INPUT = "step";

export interface StageOptions {
  readonly name: string;
  readonly kind: StageKind;
  readonly batch: number;
  readonly seed: number;
  readonly resources: Resources;
  /** The run's stage of training this is built for; 0 unless said otherwise. */
  readonly stageIndex?: number;
  /** Nodes whose change was worked into their base before; none unless said otherwise. */
  readonly merged?: ReadonlySet<string>;
}

/** Collects what the nodes of one stage declare. `context(node)` is what a node's `emit` sees. */
export class StageBuilder {
  readonly graph: Graph;
  readonly variables = new Map<string, Variable>();
  readonly randoms: RandomInput[] = [];
  readonly hostInputs: HostInput[] = [];
  readonly hostOutputs: HostOutput[] = [];
  readonly series: SeriesOutput[] = [];
  readonly constants: { name: string; load: (resources: Resources) => Promise<TensorData> }[] = [];
  readonly warnings: Issue[] = [];
  /** Names of the constants that are weights of networks. */
  readonly frozen = new Set<string>();
  /** Values of large constants, filled before the model is written. */
  private readonly loaded = new Map<string, TensorData>();
  private stepTensor: Tensor | undefined;

  constructor(readonly options: StageOptions) {
    this.graph = new Graph(options.name);
  }

  context(nodeId: string, title: string): StageContext {
    const stage = this;
    const { graph } = this;
    const { kind, batch, seed, resources, stageIndex = 0, merged } = this.options;
    const key = (path: string, owner: string) => `${owner}/${path}`;
    return {
      graph,
      kind,
      nodeId,
      title,
      batch,
      seed,
      resources,
      stageIndex,
      isMerged: merged?.has(nodeId) === true,
      get step() {
        stage.stepTensor ??= graph.input(STEP_INPUT, "float32", []);
        return stage.stepTensor;
      },
      input(name, dtype, shape) {
        const input = `${nodeId}.${name}`;
        stage.hostInputs.push({ input, node: nodeId, name });
        return graph.input(input, dtype, shape);
      },
      random(name, distribution, shape) {
        const stream = `${nodeId}.${name}`;
        const input = `random:${stream}`;
        stage.randoms.push({ input, stream, distribution, shape });
        return graph.input(input, distribution.kind === "integer" ? "int64" : "float32", shape);
      },
      output(name, tensor, every = 1) {
        stage.hostOutputs.push({ output: stage.expose(tensor).name, node: nodeId, name, every });
      },
      series(name, value) {
        if (value.size !== 1) throw new GraphError(`Series "${name}" needs a scalar, got ${value}.`);
        stage.series.push({ output: stage.expose(value).name, node: nodeId, name });
      },
      variable(path, spec, owner = nodeId) {
        const known = stage.variables.get(key(path, owner));
        if (known !== undefined) return known.tensor;
        const tensor = graph.input(key(path, owner), "float32", spec.shape);
        stage.variables.set(key(path, owner), { spec, tensor, owner, path, turn: "every" });
        return tensor;
      },
      assign(path, value, owner = nodeId, turn = "every") {
        const variable = stage.variables.get(key(path, owner));
        if (variable === undefined) throw new GraphError(`Variable "${key(path, owner)}" was not declared.`);
        if (value.shape.join() !== variable.tensor.shape.join()) {
          throw new GraphError(`Variable ${variable.tensor} cannot take ${value}.`);
        }
        variable.next = stage.expose(value);
        variable.turn = turn;
      },
      next(path, owner = nodeId) {
        const variable = stage.variables.get(key(path, owner));
        if (variable === undefined) throw new GraphError(`Variable "${key(path, owner)}" was not declared.`);
        return variable.next ?? variable.tensor;
      },
      turnOf: (path, owner = nodeId) => stage.variables.get(key(path, owner))?.turn ?? "every",
      parametersOf(owner) {
        const parameters = new Map<string, Tensor>();
        for (const variable of stage.variables.values()) {
          if (variable.owner === owner && variable.spec.role === "parameter")
            parameters.set(variable.path, variable.tensor);
        }
        return parameters;
      },
      frozen(path, shape, load) {
        const name = key(path, nodeId);
        if (stage.frozen.has(name)) return graph.value(name);
        stage.frozen.add(name);
        return graph.initializer(name, "float32", shape, load);
      },
      constant(name, dtype: DType, shape, load) {
        const full = `${nodeId}.${name}`;
        const known = graph.values.get(full);
        if (known !== undefined) return known;
        stage.constants.push({ name: full, load });
        return graph.initializer(full, dtype, shape, () => {
          const data = stage.loaded.get(full);
          if (data === undefined) throw new GraphError(`Constant "${full}" was not loaded.`);
          return data;
        });
      },
      fail(message, socket, code = "node-error"): never {
        throw new StageError(code, message, nodeId, socket);
      },
      warn(message, socket, code = "node-warning") {
        stage.warnings.push({
          severity: "warning",
          code,
          message,
          node: nodeId,
          ...(socket === undefined ? {} : { socket }),
        });
      },
    };
  }

  /** Makes a value fetchable. Inputs and initializers cannot be graph outputs themselves, so they pass an Identity. */
  expose(tensor: Tensor): Tensor {
    const { graph } = this;
    return graph.output(graph.isComputed(tensor) ? tensor : identity(tensor));
  }

  /** Drops what no variable, series, host or tap needs: it is neither drawn nor computed. */
  prune(): void {
    const unread = this.graph.prune((input) => this.variables.has(input));
    dropUnread(this.randoms, unread);
    dropUnread(this.hostInputs, unread);
  }

  /** Reads the values of all large constants. */
  async load(): Promise<void> {
    for (const { name, load } of this.constants) {
      if (!this.loaded.has(name)) this.loaded.set(name, await load(this.options.resources));
    }
  }
}

function dropUnread<T extends { readonly input: string }>(list: T[], unread: ReadonlySet<string>): void {
  list.splice(0, list.length, ...list.filter(({ input }) => !unread.has(input)));
}
