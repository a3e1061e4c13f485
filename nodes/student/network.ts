/** What every trainable network node shares: a weights value over its own variables, started from scratch or from a file. */
import type { StageContext } from "@distillery/shared/graph/node";
import type {
  ConditionValue,
  DatasetValue,
  Initialiser,
  ParameterView,
  Resources,
  StateValue,
  WeightsValue,
} from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { expand } from "@distillery/shared/onnx/ops";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { z } from "zod";
import { predictionFrom } from "../schedule/prediction";

export const initFromParam = z.string().max(500).default("scratch").meta({
  title: "Start from",
  description:
    'Initial weights: "scratch" for random ones, or the name of a checkpoint or saved weights (safetensors).',
  widget: "checkpoint",
});

/** Class index per sample for the embedding; `classes` itself stands for "no class". */
export interface ClassLabel {
  readonly index: Tensor;
  readonly classes: number;
}

/** The network itself: a state with its time, and a class, to an output shaped as the state. */
export type Network = (view: ParameterView, state: StateValue, label: ClassLabel | null) => Tensor;

/** Weights of `network` for samples of `dataset`; the schedule says what its output means (methods.md 1.6). */
export function trainableWeights(
  dataset: DatasetValue,
  initFrom: string,
  context: StageContext,
  network: Network,
): WeightsValue {
  const initialise = initialiserFrom(initFrom, context.nodeId);
  const parameters: ParameterView = (path, { shape, init }) =>
    context.variable(path, { shape, init: initialise(path, shape, init), role: "parameter" }, context.nodeId);
  const classes = dataset.classes.length;
  return {
    owner: context.nodeId,
    title: context.title,
    trainable: true,
    sampleShape: dataset.sampleShape,
    parameters,
    predict(state, condition, view = parameters) {
      const label = classes === 0 ? null : { index: classIndex(state, condition, classes, context), classes };
      const output = network(view, state, label);
      return predictionFrom(output, state);
    },
  };
}

function classIndex(
  state: StateValue,
  condition: ConditionValue | null,
  classes: number,
  context: StageContext,
): Tensor {
  const index = condition?.tensors.class;
  if (index === undefined) return expand(state.x.graph.constant([classes], [1], "int64"), [state.x.shape[0] as number]);
  if (condition?.classes !== classes) {
    context.fail(
      `The network knows ${classes} classes, the condition has ${condition?.classes}; wire the same data set to both.`,
    );
  }
  return index;
}

/** Keeps the network's own initialisers, or replaces them by the tensors of a safetensors file, read once. */
function initialiserFrom(source: string, owner: string) {
  let file: ReturnType<typeof readTensors> | undefined;
  return (path: string, shape: readonly number[], fallback: Initialiser): Initialiser => {
    if (source === "scratch" || source === "") return fallback;
    return {
      kind: "data",
      async load(resources) {
        file ??= readTensors(source, resources);
        return findTensor(await file, source, owner, path, shape);
      },
    };
  };
}

const readTensors = async (source: string, resources: Resources) =>
  decodeSafetensors(await resources.bytes(source)).tensors;

/**
 * A run's checkpoint names tensors `variable:node/path`, saved weights just `path`. Own names come first, then the only
 * tensor of another node with that path (a checkpoint of another graph).
 */
function findTensor(
  tensors: Awaited<ReturnType<typeof readTensors>>,
  source: string,
  owner: string,
  path: string,
  shape: readonly number[],
): Float32Array {
  const fits = (name: string) => name.endsWith(`/${path}`) && tensors[name]?.shape.join() === shape.join();
  const exact = tensors[`variable:${owner}/${path}`] ?? tensors[`${owner}/${path}`] ?? tensors[path];
  const others = Object.keys(tensors).filter(fits);
  const found = exact ?? (others.length === 1 ? tensors[others[0] as string] : undefined);
  if (found === undefined) throw new Error(`"${source}" has no weights for "${path}" of shape ${formatShape(shape)}.`);
  if (found.shape.join() !== shape.join() || !(found.data instanceof Float32Array)) {
    throw new Error(
      `"${path}" in "${source}" has shape ${formatShape(found.shape)}, the network needs float32 ${formatShape(shape)}.`,
    );
  }
  return found.data;
}
