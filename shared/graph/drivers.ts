/** Nodes that own a stage of a run and its schedule: trainers, samplers, scorers, surveys, exporters. */
import type { z } from "zod";
import type { DType, Tensor } from "../onnx/graph";
import type { HostIo, HostTensors } from "./host";
import type { InputValues, Sockets } from "./socket";
import type { StageContext, Turn } from "./stageContext";
import type { DatasetValue, Resources, ScheduleValue, StateValue, TimeValue } from "./wires";

/** One way down from a sampler's start. */
export interface SamplerPath {
  /** Nodes of the plan's schedule that are visited, start first. */
  readonly nodes: readonly number[];
  /** The same as timesteps. */
  readonly timesteps: readonly number[];
  /** Network evaluations, counting guidance once. */
  readonly nfe: number;
  /** In the Imagen form (1 is none); fed to the step as `loop.guidanceScale`. All paths of a sampler have one, or none has. */
  readonly guidanceScale?: number;
  /** Tells it from the sampler's other paths. */
  readonly label?: string;
}

/** What a sampler tells the compiler about its loop. One step graph serves all its paths. */
export interface SamplerPlan {
  /** The start's own schedule, or one whose nodes are just the times that the paths visit. Paths end at its node 0. */
  readonly schedule: ScheduleValue;
  readonly paths: readonly SamplerPath[];
  /** Values carried from step to step, zero before the first (multi-step solvers); shapes without the batch axis. */
  readonly carry: Readonly<Record<string, readonly number[]>>;
  /** Run before the first training step, after every that many, and at the end. */
  readonly every: number;
}

/** One step along a path. */
export interface SamplerLoop {
  /** Where it goes to. */
  readonly s: TimeValue;
  readonly carry: Readonly<Record<string, Tensor>>;
  /** Steps done before this one, and steps of the whole path: float32 scalars. */
  readonly index: Tensor;
  readonly steps: Tensor;
  /** A float32 scalar where the plan gives the paths one. */
  readonly guidanceScale?: Tensor | undefined;
}

/** One stage of training: the graph with other parameters, for so many steps. */
export interface StagePlan {
  readonly steps: number;
  /** `node.parameter` -> value. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Nodes whose trained parameters begin anew; all others carry over from the stage before. */
  readonly fresh: readonly string[];
  /** Nodes whose trained change is worked into what they start from before it begins anew (`NodeDefinition.merges`). */
  readonly merge: readonly string[];
  /** Nodes whose memory (moments, averages, bank) goes on; all others begin with an empty one. */
  readonly keep: readonly string[];
}

/** Fused into the training stage: `emit` adds the update of the weights. A run's stages set its parameter `steps`. */
export interface TrainerDriver<P extends z.ZodObject> {
  stage(params: z.output<P>): { batch: number; steps: number; checkpointEvery: number; turn?: Turn };
}

/** Owns a stage of its own: `start` inputs are evaluated once, then `step` runs along the planned nodes. */
export interface SamplerDriver<I extends Sockets, P extends z.ZodObject> {
  batch(params: z.output<P>): number;
  /** Input sockets evaluated once to start a path (`x` among them); the others are emitted in the step graph. */
  start: readonly (keyof I & string)[];
  plan(params: z.output<P>, start: StateValue, context: StageContext): SamplerPlan;
  /** One step from `inputs.x` to time `s`; returns the state at `s` and the values to carry on. */
  step(
    inputs: InputValues<I, false>,
    params: z.output<P>,
    context: StageContext,
    loop: SamplerLoop,
  ): { x: StateValue; carry: Readonly<Record<string, Tensor>> };
  /** Makes pictures of states that are none, once one of `sockets` is wired; these take no part in the steps. */
  readonly pictures?: {
    readonly sockets: readonly (keyof I & string)[];
    of(inputs: InputValues<I, false>, context: StageContext, x: Tensor): Tensor;
  };
}

/** Which way a measured number is better. */
export type Better = "higher" | "lower";

/** A number with its 95 % interval, out of n pictures. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** What a scorer sees of a finished path. */
export interface ScoredPath {
  /** The last states, float32 [B, ...sampleShape]. */
  readonly image: Tensor;
  /** The states asked for by `ScorerDriver.states`, in that order. */
  readonly states: readonly StateValue[];
}

/**
 * Measures the last states of the paths that arrive at `trajectory` (a `many` input) in a stage of its own. Its other inputs
 * are emitted there: a Start among them draws the very samples the paths began from. Outputs are metrics, and their names
 * are the metrics' names.
 */
export interface ScorerDriver<I extends Sockets, P extends z.ZodObject> {
  /** Per output: how it is called, and which way is better. */
  readonly metrics: Readonly<Record<string, { readonly title: string; readonly better: Better }>>;
  /** Inputs that are compared picture by picture: they have to come from the Start that the paths began at. */
  readonly aligned: readonly (keyof I & string)[];
  /** States that are needed besides the last: places along a path, 0 its start, 1 its end. */
  states?(params: z.output<P>): readonly number[];
  /**
   * Values per picture: [B] under the name of an output, averaged over the pictures (those that are not finite are left
   * out); anything else, [B, ...] or under another name, is for `summarise`. What the wired inputs cannot give is left out.
   */
  emit(
    inputs: InputValues<I, false>,
    params: z.output<P>,
    context: StageContext,
    path: ScoredPath,
  ): Readonly<Record<string, Tensor>>;
  /** Numbers that are no averages over pictures or that no graph can compute, by output. */
  summarise?(
    values: HostTensors,
    resources: Resources,
  ): Readonly<Record<string, Estimate>> | Promise<Readonly<Record<string, Estimate>>>;
  /** Shows what it emitted of a path; `place` is the path's among those it scores. */
  show?(values: HostTensors, place: number, io: HostIo): void;
}

/**
 * Looks at whole data sets with networks as they are: at the start of a run, every so many steps and at the end, in a stage of
 * its own. The node's host part leads it (`HostPart.survey`).
 */
export interface SurveyDriver<I extends Sockets, P extends z.ZodObject> {
  /** Run after every that many steps; 0 only at the start and at the end. */
  every(params: z.output<P>): number;
  /** Samples that the stage looks at at once. */
  batch(params: z.output<P>): number;
  /** What the host part wants to know, by name, of what it feeds to `input`. */
  emit(
    inputs: InputValues<I, false>,
    params: z.output<P>,
    context: StageContext,
    input: (name: string, dtype: DType, shape: readonly number[]) => Tensor,
  ): Readonly<Record<string, Tensor>>;
}

/** What is known of a network that is written to a file. */
export interface ExportedNetwork {
  readonly title: string;
  readonly sampleShape: readonly number[];
  readonly schedule: ScheduleValue;
  /** Number of values of each label it was trained with. */
  readonly labels: Readonly<Record<string, number>>;
  readonly dataset: DatasetValue | null;
  /** Highest solver node of the states in training. */
  readonly startNode: number;
  /** Nodes of the training stage. */
  readonly training: readonly { readonly type: string; readonly params: Readonly<Record<string, unknown>> }[];
  /** How the graph samples with it. */
  readonly samplers: readonly {
    readonly paths: readonly SamplerPath[];
    readonly params: Readonly<Record<string, unknown>>;
  }[];
}

/** Files the executor writes from the weights arriving at `socket`; a node with `exporter` needs no `emit`. */
export interface Exporter<I extends Sockets, P extends z.ZodObject> {
  readonly socket: keyof I & string;
  /**
   * `onnx`: the network as `x, t (, class) -> predX0, eps`; `checkpoint`: its parameters as safetensors.
   * `every`: also after that many steps (0: only at the end). `fileName` has its extension.
   */
  plan(params: z.output<P>): {
    format: "onnx" | "checkpoint";
    fileName: string;
    every: number;
    /** How an ONNX file stores matrices and kernels; float32 when left out. */
    precision?: "float32" | "float16";
  };
  /** JSON beside the ONNX file of a diffusion network: what a program needs to use it. */
  sidecar?(network: ExportedNetwork): unknown;
}
