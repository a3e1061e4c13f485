/** What every trainable network node shares: a weights value over its own variables, started from scratch or from a file. */
import { type StageContext, wire } from "@distillery/shared/graph/node";
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
import { type Started, startedFrom } from "./startedFrom";

export const initFromParam = z.string().max(500).default("scratch").meta({
  title: "Start from",
  description:
    'Initial weights: "scratch" for random ones, or the name of a checkpoint or saved weights (safetensors).',
  widget: "checkpoint",
});

/** Index per sample for one embedding; `count` itself stands for "unknown". */
export interface Label {
  readonly name: string;
  readonly index: Tensor;
  readonly count: number;
}

/** What a network is told beside the state and its time. */
export interface Known {
  readonly labels: readonly Label[];
  /** float32 [B]; null for networks that have no place for it. */
  readonly guidanceScale: Tensor | null;
}

/** The network itself: a state with its time, and what is known of it, to an output shaped as the state. */
export type Network = (view: ParameterView, state: StateValue, known: Known) => Tensor;

export const networkParams = {
  initFrom: initFromParam,
  guidanceEmbedding: z.boolean().default(false).meta({
    title: "Guidance embedding",
    description:
      "On: the network is told how strongly its teacher was guided, as the full model of LCM is; wire the solver's condition into its jumps.",
    advanced: true,
  }),
};

export const startInput = {
  weights: wire.weights
    .optional()
    .describe("A network to start from: weights of the same name are copied, the others start from scratch."),
};

/** Weights of `network` for samples of `dataset`; the schedule says what its output means (methods.md 1.6). */
export function trainableWeights(
  options: {
    readonly dataset: DatasetValue;
    readonly initFrom: string;
    readonly guidanceEmbedding: boolean;
    readonly from: WeightsValue | undefined;
  },
  context: StageContext,
  network: Network,
): WeightsValue {
  const { dataset, initFrom, guidanceEmbedding, from } = options;
  if (from !== undefined && initFrom !== "scratch" && initFrom !== "") {
    context.fail(
      `it is to start from "${from.title}" and from "${initFrom}" at once; take the wire off, or set Start from to scratch.`,
      "weights",
      "two-starts",
    );
  }
  const own = ownParameters(initFrom, context);
  const known = labelsOf(dataset);
  let started: Started | undefined;
  return {
    owner: context.nodeId,
    title: context.title,
    trainable: true,
    sampleShape: dataset.sampleShape,
    ...(guidanceEmbedding && { guidanceEmbedding }),
    parameters: (path, spec) => (started?.parameters ?? own)(path, spec),
    predict(state, condition, view) {
      if (from !== undefined) started ??= startedFrom(from, state, condition, context);
      const labels = Object.entries(known).map(([name, count]) => ({
        name,
        count,
        index: labelIndex(state, condition, name, count, context),
      }));
      const guidanceScale = guidanceEmbedding ? (condition?.guidanceScale ?? null) : null;
      const output = network(view ?? started?.parameters ?? own, state, { labels, guidanceScale });
      if (view === undefined) started?.requireShared();
      return predictionFrom(output, state);
    },
  };
}

/** Trainable parameters of the node itself, started as `initFrom` says. */
export function ownParameters(initFrom: string, context: StageContext): ParameterView {
  const initialise = initialiserFrom(initFrom, context.nodeId);
  return (path, { shape, init }) =>
    context.variable(path, { shape, init: initialise(path, shape, init), role: "parameter" }, context.nodeId);
}

/** How many values each label of a data set has. */
export function labelsOf({ classes, contents = [] }: DatasetValue): Record<string, number> {
  return {
    ...(classes.length === 0 ? {} : { class: classes.length }),
    ...(contents.length === 0 ? {} : { content: contents.length }),
  };
}

const WORDS: Readonly<Record<string, string>> = { class: "classes", content: "kinds of content" };

/** The condition's index of one label; unknown for every sample where the condition does not say. */
function labelIndex(
  state: StateValue,
  condition: ConditionValue | null,
  name: string,
  count: number,
  context: StageContext,
): Tensor {
  const index = condition?.tensors[name];
  if (index === undefined) return expand(state.x.graph.constant([count], [1], "int64"), [state.x.shape[0] as number]);
  if (condition?.labels[name] !== count) {
    context.fail(
      `The network knows ${count} ${WORDS[name] ?? name}, the condition has ${condition?.labels[name]}; wire the same data set to both.`,
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
