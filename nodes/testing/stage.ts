/** Test-only: builds a stage from node definitions and runs it once with onnxruntime-node. */
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { HostTensors, NodeDefinition, StageContext } from "@distillery/shared/graph/node";
import type {
  Resources,
  ScheduleValue,
  StateValue,
  TimeLabel,
  WireType,
  WireValues,
} from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { sizeOf, type Tensor, toTypedArray } from "@distillery/shared/onnx/graph";
import { mul } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import * as ort from "onnxruntime-node";
import { z } from "zod";
import { alphasCumprodOf, betasOf } from "../schedule/tables";
import { scheduleOf } from "../schedule/vp";
import type { Along } from "../solver/solver";
import { fixedLabel } from "../time/labels";

export const noResources: Resources = {
  image: () => Promise.reject(new Error("no images in this test")),
  bytes: () => Promise.reject(new Error("no files in this test")),
  dataset: () => undefined,
  model: () => undefined,
};

export const newStage = (batch: number, kind: "train" | "start" | "sample" = "train", seed = 7): StageBuilder =>
  new StageBuilder({ name: "test", kind, batch, seed, resources: noResources });

export const contextOf = (stage: StageBuilder, nodeId = "node", title = "Node"): StageContext =>
  stage.context(nodeId, title);

/** The Stable Diffusion schedule. */
export const stableDiffusion = (
  nodes = 50,
  predictionType: ScheduleValue["predictionType"] = "epsilon",
): ScheduleValue =>
  scheduleOf({
    id: "schedule",
    predictionType,
    nodes,
    alphasCumprod: alphasCumprodOf(
      betasOf({ curve: "scaled_linear", timesteps: 1000, betaStart: 0.00085, betaEnd: 0.012 }),
    ),
  });

/** A state whose values are fed as `x` and whose nodes are fed as `t`. */
export function stateInput(
  stage: StageBuilder,
  schedule: ScheduleValue,
  sampleShape: readonly number[] = [1],
  label: TimeLabel = fixedLabel(39),
  suffix = "",
): StateValue {
  const { batch } = stage.options;
  return {
    x: stage.graph.input(`x${suffix}`, "float32", [batch, ...sampleShape]),
    t: { node: stage.graph.input(`t${suffix}`, "int64", [batch]), label, schedule },
  };
}

/** Step `index` of a path of `steps`; its noise is 0. */
export const alongOf = (stage: StageBuilder, index: number, steps: number): Along => ({
  noise: ({ x }) => mul(x, 0),
  index: stage.graph.constant([index], []),
  steps: stage.graph.constant([steps], []),
});

/** Emits a node with given inputs; params are completed with the schema's defaults. */
export function emit(
  definition: NodeDefinition,
  context: StageContext,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, WireValues[WireType] | undefined>> {
  if (definition.emit === undefined) throw new Error(`${definition.type} emits nothing`);
  const complete = z.record(z.string(), z.unknown()).parse(definition.params.parse(params));
  const given = definition.inputs;
  const values = Object.fromEntries(Object.keys(given).map((name) => [name, inputs[name]]));
  return definition.emit(values as Record<string, never>, complete, context);
}

/** Runs the stage once. Random inputs that are not fed are drawn from their streams; results as plain numbers. */
export async function runStage<K extends string>(
  stage: StageBuilder,
  fetches: Readonly<Record<K, Tensor>>,
  feeds: Readonly<Record<string, readonly number[]>> = {},
  step = 0,
): Promise<Record<K, number[]>> {
  const named = Object.entries<Tensor>(fetches).map(([key, tensor]) => [key, stage.expose(tensor)] as const);
  await stage.load();
  const session = await ort.InferenceSession.create(encodeModel(stage.graph), { intraOpNumThreads: 1 });
  const inputs: Record<string, ort.Tensor> = {};
  for (const input of stage.graph.inputs) {
    const random = stage.randoms.find((each) => each.input === input.name);
    let values = feeds[input.name];
    if (values === undefined && random !== undefined) {
      const stream = randomStream(stage.options.seed, random.stream, step);
      const { distribution } = random;
      values = Array.from({ length: sizeOf(random.shape) }, () => {
        if (distribution.kind === "normal") return stream.normal();
        if (distribution.kind === "uniform") {
          return distribution.low + (distribution.high - distribution.low) * stream.uniform();
        }
        return distribution.low + stream.integer(distribution.high - distribution.low + 1);
      });
    }
    if (values === undefined && input.name === "step") values = [step];
    if (values === undefined) throw new Error(`input "${input.name}" is not fed`);
    const data = toTypedArray(values, input.dtype);
    inputs[input.name] = new ort.Tensor(input.dtype, data as Float32Array, [...input.shape]);
  }
  const results = await session.run(inputs, [...new Set(named.map(([, tensor]) => tensor.name))]);
  await session.release();
  return Object.fromEntries(
    named.map(([key, tensor]) => [key, Array.from(results[tensor.name]?.data as Iterable<number | bigint>, Number)]),
  ) as Record<K, number[]>;
}

/** Host tensors as the numbers `runStage` takes, prefixed with the node's id. */
export const feedsOf = (nodeId: string, values: HostTensors): Record<string, number[]> =>
  Object.fromEntries(Object.entries(values).map(([name, { data }]) => [`${nodeId}.${name}`, Array.from(data, Number)]));
