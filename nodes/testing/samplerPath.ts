/** Test-only: walks a Sampler's path as the executor does, with one step graph and a session of onnxruntime-node. */
import type { SamplerPath, SamplerPlan } from "@distillery/shared/graph/node";
import type { ScheduleValue, StateValue, TimeLabel, WeightsValue } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { sizeOf } from "@distillery/shared/onnx/graph";
import { randomStream } from "@distillery/shared/random/philox";
import * as ort from "onnxruntime-node";
import { z } from "zod";
import { sampler } from "../evaluate/sampler";
import { fixedLabel, ownLabel } from "../time/labels";
import { contextOf, newStage } from "./stage";

export interface SamplerSetting {
  /** The Sampler's parameters. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly schedule: ScheduleValue;
  readonly weights: WeightsValue;
  /** The start's time; the schedule's last node when left out. */
  readonly label?: TimeLabel;
  /** [B, ...] of the state. */
  readonly shape?: readonly number[];
}

/** The one-step graph a sampler's stage is made of, with its plan. */
export function buildSampler(setting: SamplerSetting) {
  const { given, schedule, weights, label = fixedLabel(schedule.nodes), shape = [1, 1] } = setting;
  const driver = sampler.sampler!;
  const params = z.record(z.string(), z.unknown()).parse(sampler.params.parse(given));
  const batch = shape[0] as number;
  const stage = newStage(batch, "sample");
  const { graph } = stage;
  const x = graph.input("x", "float32", shape);
  const node = (name: string) => graph.input(name, "int64", [batch]);
  const start: StateValue = { x, t: { node: node("start"), label, schedule } };
  const plan: SamplerPlan = driver.plan(params, start, contextOf(stage));
  const time = (name: string) => ({
    node: node(name),
    label: ownLabel(name, "the loop time", 0, plan.schedule.nodes),
    schedule: plan.schedule,
  });
  const carry = Object.fromEntries(
    Object.entries(plan.carry).map(([name, own]) => [name, graph.input(`carry.${name}`, "float32", [batch, ...own])]),
  );
  const inputs: Record<string, unknown> = { weights, x: { x, t: time("t") }, condition: undefined };
  const stepped = driver.step(inputs as Record<string, never>, params, contextOf(stage), {
    s: time("s"),
    carry,
    index: graph.input("index", "float32", []),
    steps: graph.input("steps", "float32", []),
  });
  const outputs = { x: stage.expose(stepped.x.x).name };
  const kept = Object.entries(stepped.carry).map(([name, value]) => [name, stage.expose(value).name] as const);
  return { stage, plan, outputs, kept };
}

/** States of the first path, its start among them; `noise` overrides what is drawn. */
export async function samplePath(
  setting: SamplerSetting & { readonly x: readonly number[]; readonly noise?: (step: number) => readonly number[] },
): Promise<{ path: SamplerPath; states: Float32Array[] }> {
  const { stage, plan, outputs, kept } = buildSampler(setting);
  const session = await ort.InferenceSession.create(encodeModel(stage.graph), { intraOpNumThreads: 1 });
  const path = plan.paths[0]!;
  const { inputs } = stage.graph;
  const float = (values: Iterable<number>, shape: readonly number[]) =>
    new ort.Tensor("float32", Float32Array.from(values), [...shape]);
  let carry: Record<string, ort.Tensor> = Object.fromEntries(
    inputs
      .filter(({ name }) => name.startsWith("carry."))
      .map(({ name, shape }) => [name, float(new Float32Array(sizeOf(shape)), shape)]),
  );
  const states = [Float32Array.from(setting.x)];
  for (let i = 1; i < path.nodes.length; i++) {
    const nodes = (node: number) => {
      const batch = stage.options.batch;
      return new ort.Tensor("int64", new BigInt64Array(batch).fill(BigInt(node)), [batch]);
    };
    const randoms = stage.randoms.map(({ input, stream, shape }) => {
      const source = randomStream(stage.options.seed, stream, i - 1);
      const drawn = setting.noise?.(i - 1) ?? Array.from({ length: sizeOf(shape) }, () => source.normal());
      return [input, float(drawn, shape)] as const;
    });
    const shape = inputs.find(({ name }) => name === "x")!.shape;
    const feeds: Record<string, ort.Tensor> = {
      ...carry,
      ...Object.fromEntries(randoms),
      x: float(states[i - 1]!, shape),
      start: nodes(0),
      t: nodes(path.nodes[i - 1]!),
      s: nodes(path.nodes[i]!),
      index: float([i - 1], []),
      steps: float([path.nodes.length - 1], []),
    };
    const results = await session.run(feeds);
    states.push(Float32Array.from(results[outputs.x]!.data as Float32Array));
    carry = Object.fromEntries(kept.map(([name, output]) => [`carry.${name}`, results[output]!]));
  }
  await session.release();
  return { path, states };
}
