/**
 * Test-only: the training step of a template on networks of three numbers, so that it can be said again in plain arithmetic.
 * The template keeps its wiring and parameters; data, teacher and student are replaced, and the update is plain gradient descent.
 */
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument, Params } from "@distillery/shared/graph/document";
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import type { ConditionValue, ParameterView, StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, gather, mul, reshape } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { library } from "../library";
import { predictionFrom } from "../schedule/prediction";
import { datasetOf } from "./dataset";
import { noResources, runStage } from "./stage";

export const LEARNING_RATE = 2;
/** Values of a sample. */
export const SIZE = 2;
/** What teacher and student begin with; `w` only where the network is told the guidance scale. */
export const TOY = { gain: 0.3, bias: -0.2, label: [0.4, -0.5, 0.1], w: 0.05 } as const;
export type ToyParameters = Readonly<Record<"gain" | "bias" | "label" | "w", readonly number[]>>;

/** The parameters that `of` gives. */
export const toyParameters = (of: (name: keyof ToyParameters) => readonly number[]): ToyParameters => ({
  gain: of("gain"),
  bias: of("bias"),
  label: of("label"),
  w: of("w"),
});

const INITIAL: ToyParameters = { gain: [TOY.gain], bias: [TOY.bias], label: TOY.label, w: [TOY.w] };
const spec = (name: keyof ToyParameters) => ({
  shape: [INITIAL[name].length],
  init: { kind: "data" as const, load: () => Float32Array.from(INITIAL[name]) },
});

/** Output = gain x + bias + label[class] (+ w guidanceScale); the last label is that of no condition. */
function output(view: ParameterView, { x }: StateValue, condition: ConditionValue | null, isTold: boolean): Tensor {
  const index = condition?.tensors.class ?? x.graph.constant([2, 2, 2], [3], "int64");
  const column = (value: Tensor) => reshape(value, [-1, 1]);
  const labelled = add(
    add(mul(x, view("gain", spec("gain"))), view("bias", spec("bias"))),
    column(gather(view("label", spec("label")), index)),
  );
  const scale = condition?.guidanceScale;
  return isTold && scale !== undefined ? add(labelled, mul(column(scale), view("w", spec("w")))) : labelled;
}

const toyData = defineNode({
  type: "data/toy",
  version: 1,
  title: "Toy data",
  family: "data",
  help: "",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params: z.object({}),
  emit: () => ({ dataset: datasetOf([], { sampleShape: [SIZE], classes: ["A", "B"] }) }),
});

const toyNetwork = defineNode({
  type: "model/toy",
  version: 1,
  title: "Toy network",
  family: "model",
  help: "",
  inputs: {},
  outputs: { weights: wire.weights },
  params: z.object({ trainable: z.boolean().default(false), told: z.boolean().default(false) }),
  emit(_inputs, { trainable, told }, context) {
    const own: ParameterView = (path, { shape, init }) =>
      trainable
        ? context.variable(path, { shape, init, role: "parameter" })
        : context.graph.constant([...INITIAL[path as keyof ToyParameters]], shape);
    const weights = {
      owner: context.nodeId,
      title: context.title,
      trainable,
      sampleShape: [SIZE],
      ...(told && { guidanceEmbedding: true }),
      parameters: own,
      predict: (state: StateValue, condition: ConditionValue | null, view: ParameterView = own) =>
        predictionFrom(output(view, state, condition, told), state),
    };
    return { weights };
  },
});

const TRAINING = [
  ["data", "schedule", "start", "teacher", "student", "target-network"],
  ["solver", "target-time", "student-jump", "target-jump", "loss", "trainer"],
].flat();

export interface ToyStep {
  readonly loss: number;
  /** The student after the step, and its average where the method has one. */
  readonly student: ToyParameters;
  readonly average: ToyParameters | undefined;
}

/** One step of `document` with chosen draws; `average` is what the averaged target begins the step with. */
export async function templateStep(
  document: GraphDocument,
  given: { x0: number[]; class: number[]; draws: Record<string, number[]>; average?: ToyParameters },
  replaced: Readonly<Record<string, { type: string; params?: Params }>> = {},
): Promise<ToyStep> {
  const toys = { data: { type: "data/toy" }, teacher: { type: "model/toy" }, ...replaced };
  const trainer = { batch: given.class.length, optimiser: "sgd", beta1: 0, learningRate: LEARNING_RATE };
  const descent = { ...trainer, schedule: "constant", warmup: 0, clipNorm: 0 };
  const toy = {
    ...document,
    nodes: document.nodes
      .filter(({ id }) => TRAINING.includes(id))
      .map((node) => {
        const type = Object.entries(toys).find(([id]) => id === node.id)?.[1];
        if (type !== undefined) return { ...node, params: {}, ...type };
        return node.id === "trainer" ? { ...node, params: { ...node.params, ...descent } } : node;
      }),
    edges: document.edges.filter(
      ({ from, to }) =>
        TRAINING.includes(from.node) &&
        TRAINING.includes(to.node) &&
        toys[to.node as keyof typeof toys]?.type !== "model/toy",
    ),
    frames: [],
  };
  const { plan, issues } = validateDocument(toy, new NodeLibrary([...library.all(), toyData, toyNetwork]), noResources);
  const stage = plan?.train?.builder;
  if (stage === undefined) throw new Error(issues.map(({ message }) => message).join("\n"));
  const feeds: Record<string, number[]> = { "start.x0": given.x0, "start.class": given.class };
  for (const [name, values] of Object.entries(given.draws)) feeds[`random:${name}`] = values;
  const next: Record<string, Tensor> = {};
  for (const [key, { owner, path, next: after, tensor }] of stage.variables) {
    const source = owner === "student" ? INITIAL : (given.average ?? INITIAL);
    feeds[key] = [...source[path as keyof ToyParameters]];
    next[key] = after ?? tensor;
  }
  const series = stage.series.find(({ node, name }) => node === "trainer" && name === "loss");
  const loss = stage.graph.value(series?.output ?? "");
  const result: Record<string, number[]> = await runStage<string>(stage, { ...next, loss }, feeds);
  const of = (owner: string): ToyParameters => toyParameters((path) => result[`${owner}/${path}`] ?? []);
  const hasAverage = [...stage.variables.values()].some(({ owner }) => owner === "target-network");
  return {
    loss: result.loss?.[0] as number,
    student: of("student"),
    average: hasAverage ? of("target-network") : undefined,
  };
}
