/** A registered ONNX file as a function of tensors, with its weights: what every node that wraps a file shares. */

import type { ModelPort, UserModelInfo } from "@distillery/shared/graph/modelInfo";
import type { StageContext } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import {
  formatShape,
  type Graph,
  type Initializer,
  sizeOf,
  type Tensor,
  type TensorData,
} from "@distillery/shared/onnx/graph";
import type { ImportedModel, MakeParameter } from "@distillery/shared/onnx/import";
import { cast, reshape } from "@distillery/shared/onnx/ops";
import type { FileValues } from "./hooks";
import { standIn } from "./standIn";

export interface ModelFile {
  readonly info: UserModelInfo;
  /** Trainable: variables that start as the file's weights. Else constants, one for all uses in a graph. */
  readonly parameters: ParameterView;
  /**
   * Applies the file. `given` has one tensor for each input by name, batch first; they are brought to the file's types,
   * and to its shapes where only axes of size 1 differ. Weights are read through `view`; without one they are the file's own,
   * in whatever graph the tensors are. Returns the outputs by name, or
   * the values that `choose` names, inner ones too: of those a stand-in has no shape, so it takes `like`.
   */
  apply(
    given: ReadonlyMap<string, Tensor>,
    view?: ParameterView,
    choose?: (file: FileParts) => readonly string[],
    like?: ModelPort["shape"],
  ): ReadonlyMap<string, Tensor>;
}

/** What a file holds; only its outputs are known where it cannot be imported. */
export interface FileParts extends FileValues {
  /** Weights by module path. */
  readonly weights: ReadonlyMap<string, Initializer> | null;
}

/**
 * The file registered (or bundled) as `id`. A node of several files names each `part`: their weights may be called alike, and
 * messages say which one is missing.
 */
export function modelFile(id: string, trainable: boolean, context: StageContext, part?: string): ModelFile {
  if (id === "")
    context.fail(
      `Choose ${part === undefined ? "a model" : `its ${part}`}: upload an ONNX file first, then pick it here.`,
    );
  const named = (path: string) => (part === undefined ? path : `${part}.${path}`);
  const info =
    context.resources.model(id) ??
    context.fail(`There is no model "${id}" here; upload it or pick another.`, undefined, "unknown-model");
  const stored = new Map<string, Initializer>();
  const parameters: ParameterView = (path, spec) => {
    if (trainable) return context.variable(named(path), { ...spec, role: "parameter" });
    const load = stored.get(path)?.load;
    return context.frozen(named(path), spec.shape, () => float32(load?.() ?? new Float32Array()));
  };
  return {
    info,
    parameters,
    apply(given, through, choose, like) {
      const missing = info.inputs.find(({ name }) => !given.has(name));
      if (missing !== undefined)
        context.fail(
          `"${info.name}" also wants "${missing.name}", which nothing here can give.`,
          undefined,
          "unknown-input",
        );
      const graph = [...given.values()][0]?.graph ?? context.graph;
      const view = through ?? (graph === context.graph ? parameters : constantsIn(graph, stored, named("")));
      const sized = info.inputs.map(({ name, shape }) => ({ name, shape: fill(name, shape, given, context) }));
      const model = importedFor(info, sized, context);
      if (model === null) {
        const outputs = info.outputs.map(({ name }) => name);
        return standIn(info, given, graph, view, choose?.({ outputs, nodes: null, weights: null }), like);
      }
      for (const [path, initializer] of model.initializers) stored.set(path, initializer);
      const outputNames = model.outputs.map(({ name }) => name);
      const values = choose?.({ outputs: outputNames, nodes: model.nodes, weights: model.initializers }) ?? outputNames;
      const outputs = model.instantiate(graph, {
        prefix: `${graph.freshName(context.nodeId)}/`,
        inputs: model.inputs.map(({ name, dtype, shape }) => cast(reshape(given.get(name) as Tensor, shape), dtype)),
        parameter: parameterMaker(view, graph, `${context.nodeId}/${named("")}`),
        values,
      });
      return new Map(values.map((name, i) => [name, outputs[i] as Tensor]));
    },
  };
}

/** The file's weights in a graph beside the stage's, which only looks at shapes. */
const constantsIn =
  (graph: Graph, stored: ReadonlyMap<string, Initializer>, owner: string): ParameterView =>
  (path, { shape }) =>
    graph.values.get(owner + path) ??
    graph.initializer(owner + path, "float32", shape, () => float32(stored.get(path)?.load() ?? new Float32Array()));

/** The shape of one input with its free axes filled by the tensor that is fed; a size that does not fit is a finding. */
function fill(
  name: string,
  shape: ModelPort["shape"],
  given: ReadonlyMap<string, Tensor>,
  context: StageContext,
): number[] {
  const tensor = given.get(name) as Tensor;
  const filled = shape.map((d, axis) => (typeof d === "number" ? d : (tensor.shape[axis] ?? 1)));
  if (sizeOf(filled) === tensor.size) return filled;
  return context.fail(
    `Input "${name}" of the file takes ${formatShape(filled)}, but gets ${formatShape(tensor.shape)}` +
      `${filled[0] === tensor.shape[0] ? "" : "; export the file with a free batch dimension"}.`,
    undefined,
    "shape-mismatch",
  );
}

/** The file imported for these sizes; null where files cannot be imported at all. */
function importedFor(
  { id, name, inputs }: UserModelInfo,
  sized: readonly { name: string; shape: readonly number[] }[],
  context: StageContext,
): ImportedModel | null {
  const { resources } = context;
  if (resources.importedModel === undefined) return null;
  const free = inputs.flatMap((port, i) =>
    port.shape.flatMap((d, axis) =>
      typeof d === "number" ? [] : [[`${port.name}.${axis}`, sized[i]?.shape[axis] as number] as const],
    ),
  );
  return (
    resources.importedModel(id, Object.fromEntries(free)) ??
    context.fail(`"${name}" could not be imported.`, undefined, "model-not-imported")
  );
}

/** Float weights through the view (variables start as the file's values); whole numbers stay constants. */
const parameterMaker =
  (view: ParameterView, graph: Graph, owner: string): MakeParameter =>
  (path, shape, dtype, load) =>
    dtype === "float32"
      ? view(path, { shape, init: { kind: "data", load: () => float32(load()) } })
      : (graph.values.get(owner + path) ?? graph.initializer(owner + path, dtype, shape, load));

const float32 = (data: TensorData): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data, Number);
