/** A node's life on the host, between the steps of a run: the values it makes, takes and shows. */
import type { DType, TensorData } from "../onnx/graph";
import type { Resources, WireType, WireValues } from "./wires";

export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}
export type HostTensors = Record<string, HostTensor>;

/** A counter-based stream of random numbers: the same (seed, stream, step) gives the same numbers anywhere. */
export interface RandomStream {
  /** In [0, 1). */
  uniform(): number;
  normal(): number;
  /** In 0..count-1. */
  integer(count: number): number;
}

/** What a host part may do besides making and taking values. */
export interface HostIo {
  readonly step: number;
  metric(name: string, value: number): void;
  /** A picture or state worth looking at; images are encoded by whoever runs the stage. */
  frame(frame: {
    socket: string;
    row: number;
    /** Timestep 0..T-1, or null for clean samples. */
    t: number | null;
    column?: number;
    shape: readonly number[];
    values: Float32Array;
  }): void;
  /** Any small JSON worth drawing live (bank histogram, ...). */
  data(name: string, value: unknown): void;
  log(message: string): void;
}

/** The part of a node that lives on the host across the steps of one run. */
export interface HostPart {
  /** Values of `context.input(...)`, by name. */
  before?(step: number, random: (stream: string) => RandomStream): HostTensors;
  /** Values of `context.output(...)`, by name. */
  after?(step: number, values: HostTensors, io: HostIo): void;
  /** Trajectories arriving at this node's inputs whenever a sampler has run; `socket` -> one entry per link. */
  observe?(trajectories: Readonly<Record<string, readonly TrajectoryData[]>>, io: HostIo): void | Promise<void>;
  /**
   * Of a survey: `run` evaluates its stage for one batch, as often as it needs; inputs and outputs have the names that
   * `SurveyDriver.emit` gave them.
   */
  survey?(run: (feeds: HostTensors) => Promise<HostTensors>, io: HostIo): Promise<void>;
  /** Everything needed to continue bit for bit. */
  save?(): HostTensors;
  load?(state: HostTensors): void;
}

/** A sampled path: states at `timesteps`, each [B, ...sampleShape] row-major. */
export interface TrajectoryData {
  readonly sampler: string;
  readonly title: string;
  /** Nodes of the sampler's schedule. */
  readonly nodes: readonly number[];
  readonly timesteps: readonly number[];
  /** Of every state: [B, ...sampleShape]. */
  readonly shape: readonly number[];
  readonly states: readonly Float32Array[];
  /** Where the states are no pictures (latents): their pictures, each [B, ...], made when first asked for. */
  readonly pictures?: Pictures;
  /** Network evaluations used, counting guidance once. */
  readonly nfe: number;
  /** In the Imagen form, in which 1 is none; null without guidance. */
  readonly guidanceScale: number | null;
  /** Time spent on the network's steps. */
  readonly milliseconds: number;
  /** What tells this path from the others of the same sampler. */
  readonly label?: string;
}

export interface Pictures {
  readonly shape: readonly number[];
  at(column: number): Promise<Float32Array>;
}

/** What there is to see of a path: its pictures, or the states where they are pictures. */
export const picturesOf = ({ pictures, shape, states }: TrajectoryData): Pictures =>
  pictures ?? { shape, at: async (column) => states[column] ?? new Float32Array() };

/** How a path is called among others. */
export const pathTitle = ({ title, label }: Pick<TrajectoryData, "title" | "label">): string =>
  label === undefined ? title : `${title}, ${label}`;

export interface HostOptions {
  readonly seed: number;
  readonly batch: number;
  readonly resources: Resources;
  /** Emitted wire values at this node's inputs that are not tensors (data sets, schedules, trajectories). */
  readonly inputs: Readonly<Record<string, readonly WireValues[WireType][]>>;
  /** What this node declared with `context.input`, by name: what `before` must make. */
  readonly feeds: Readonly<Record<string, { readonly dtype: DType; readonly shape: readonly number[] }>>;
}
