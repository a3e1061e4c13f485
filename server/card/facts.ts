/** What is known of a trained model, gathered from the run that made it. */
import type { Plan } from "@distillery/shared/compile/stages";
import { flatDocument } from "@distillery/shared/graph/flatten";
import type { PredictionType } from "@distillery/shared/graph/wires";
import { decodeModel } from "@distillery/shared/onnx/codec";
import type { RunEvent } from "@distillery/shared/protocol/events";
import type { Store } from "../store/store";
import type { CurvePoint } from "./curvePicture";

export interface RunFacts {
  readonly graph: string;
  readonly description: string;
  readonly steps: number;
  readonly seed: number;
  readonly device: string;
  /** Wall time of the steps, as measured. */
  readonly seconds: number;
  /** Trained parameters of the training stage. */
  readonly parameters: number;
  readonly graphHash: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly nodes: readonly {
    readonly title: string;
    readonly type: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[];
  /** The first trainer's loss. */
  readonly loss: readonly CurvePoint[];
}

const PAGE = 5000;
/** Points of a curve that are kept. */
const POINTS = 1000;

export function factsOf({ runs }: Store, id: string): RunFacts | undefined {
  const detail = runs.detail(id);
  if (detail === undefined) return undefined;
  const graph = flatDocument(detail.graph);
  const trainer = graph.nodes.find(({ type }) => type === "train/trainer");
  const loss: CurvePoint[] = [];
  let parameters = 0;
  let seconds = 0;
  for (const run of lineage(runs, id)) {
    let began: number | undefined;
    let ended = 0;
    for (const event of eventsOf(runs, run)) {
      if (event.type === "compiled") parameters = event.stages.find(({ name }) => name === "train")?.parameters ?? 0;
      if (event.type !== "step") continue;
      began ??= event.time;
      ended = event.time;
      const value = event.series[`${trainer?.id}.loss`];
      if (value !== undefined && event.step > (loss.at(-1)?.step ?? 0)) loss.push({ step: event.step, value });
    }
    if (began !== undefined) seconds += (ended - began) / 1000;
  }
  return {
    graph: graph.name,
    description: graph.description,
    steps: detail.step,
    seed: detail.seed,
    device: detail.device,
    seconds: Math.round(seconds),
    parameters,
    graphHash: detail.graphHash,
    metrics: detail.metrics,
    nodes: graph.nodes.map(({ title, type, params }) => ({ title: title ?? type, type, params })),
    loss: thinned(loss),
  };
}

/** The run and those it continued, the first one first. */
function lineage(runs: Store["runs"], id: string): string[] {
  const chain = [id];
  for (let from = runs.detail(id)?.overrides.from; from !== undefined; from = runs.detail(from)?.overrides.from) {
    if (chain.includes(from)) break;
    chain.unshift(from);
  }
  return chain;
}

function* eventsOf(runs: Store["runs"], id: string): Generator<RunEvent> {
  for (let after = 0; ; ) {
    const page = runs.events(id, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield* page;
    after = last.seq;
  }
}

const thinned = (points: readonly CurvePoint[]): CurvePoint[] => {
  const every = Math.max(1, Math.ceil(points.length / POINTS));
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
};

/** Number of values of each label that the training condition carries. */
export function labelsOf(plan: Plan): Record<string, number> {
  const values = [...(plan.train?.values.values() ?? [])].flatMap((outputs) => Object.values(outputs));
  const condition = values.find((value) => value !== undefined && "labels" in value);
  return condition !== undefined && "labels" in condition ? { ...condition.labels } : {};
}

/** What a denoiser trained by the plan puts out, as its schedule says. */
export function predictionTypeOf(plan: Plan): PredictionType | undefined {
  const values = [...(plan.train?.values.values() ?? [])].flatMap((outputs) => Object.values(outputs));
  const schedule = values.find((value) => value !== undefined && "predictionType" in value && "alphasCumprod" in value);
  return schedule !== undefined && "predictionType" in schedule ? schedule.predictionType : undefined;
}

/** Inputs, outputs and kind of an ONNX file written here: what predicts is a denoiser, everything else an encoder. */
export function signatureOf(bytes: Uint8Array) {
  const model = decodeModel(bytes);
  const port = ({ name, dtype, shape }: (typeof model.inputs)[number]) => ({
    name,
    dtype,
    shape: (shape ?? []).map((size) => size ?? "unknown"),
  });
  const outputs = model.outputs.map(port);
  const kind = outputs.some(({ name }) => name === "predX0") ? "denoiser" : "encoder";
  return { kind, inputs: model.inputs.map(port), outputs };
}
