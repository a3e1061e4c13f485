/** What travels on a wire while a stage is being built: symbolic tensors together with what is known about them. */
import type { Tensor } from "../onnx/graph";
import type { ImportedModel } from "../onnx/import";
import type { UserModelInfo } from "./modelInfo";

export type { UserModelInfo };

export const WIRE_TYPES = [
  "state",
  "image",
  "time",
  "schedule",
  "condition",
  "weights",
  "features",
  "loss",
  "trajectory",
  "dataset",
  "metric",
  "scalar",
  "stage",
  "codec",
] as const;
export type WireType = (typeof WIRE_TYPES)[number];

/** Wires whose values can be fetched while a run goes on. */
export const TAPPED_WIRES: ReadonlySet<WireType> = new Set([
  "state",
  "image",
  "trajectory",
  "time",
  "features",
  "scalar",
  "loss",
]);

/** Coordinates a state lives in: variance preserving, variance exploding, rectified flow. */
export type Space = "vp" | "ve" | "rf";
export type PredictionType = "epsilon" | "sample" | "v_prediction";

/**
 * Identity of a time: two states are at the same time if and only if their labels are the same object's `id`.
 * `min`/`max` bound the solver node (of a time between two nodes: the nodes around it); `notAfter` names times that this
 * one is known never to exceed, `notBefore` times that never exceed this one.
 */
export interface TimeLabel {
  readonly id: string;
  /** How the time is called in messages, e.g. `the start time of "Start"`. */
  readonly text: string;
  readonly min: number;
  readonly max: number;
  readonly notAfter: readonly TimeLabel[];
  readonly notBefore?: readonly TimeLabel[];
}

/**
 * A per-sample index into the schedule's solver grid: node 0 is timestep 0, node n is timestep n*k - 1 (methods.md 2.8).
 * A time between nodes is an index into the same schedule's raw timesteps (`atTimesteps`).
 */
export interface TimeValue {
  /** int64 [B], 0..N */
  readonly node: Tensor;
  readonly label: TimeLabel;
  readonly schedule: ScheduleValue;
}

/** A noise schedule and its solver grid of N nodes. */
export interface ScheduleValue {
  readonly id: string;
  readonly space: Space;
  readonly predictionType: PredictionType;
  /** T, usually 1000. */
  readonly timesteps: number;
  /** N, the number of solver nodes; stride k = T / N. */
  readonly nodes: number;
  /** Where times are raw timesteps instead of solver nodes: the same schedule on its nodes. */
  readonly solverGrid?: ScheduleValue;
  /**
   * abar_t for t = 0..T-1: accumulated in float64, rounded to float32 per element. In rectified flow that of the
   * variance-preserving state with the same signal-to-noise ratio.
   */
  readonly alphasCumprod: Float32Array;
  /** Of rectified flow: the shift of its levels, and the lowest one of linspace spacing before the shift. */
  readonly flow?: { readonly shift: number; readonly lowest: number };
  /** Timestep of solver node n = 0..N. */
  timestepOf(node: number): number;
  /** x = alpha x0 + sigma eps at solver node n: sqrt(abar) and sqrt(1 - abar), in rectified flow 1 - sigma and sigma. */
  levelOf(node: number): { readonly alpha: number; readonly sigma: number };
  /** alpha per sample, float32 [B]. */
  alpha(t: TimeValue): Tensor;
  /** sigma per sample, float32 [B]. */
  sigma(t: TimeValue): Tensor;
  /** Raw timestep 0..T-1 per sample, float32 [B]: what networks take. In rectified flow T sigma, seldom whole. */
  timestep(t: TimeValue): Tensor;
}

/** A diffusion state, float32 [B, ...sampleShape], with its time label. Clips are [B, F, C, H, W]: all frames at one time. */
export interface StateValue {
  readonly x: Tensor;
  readonly t: TimeValue;
}

/** An image or clean sample in [-1, 1] (or a 2-D point), float32 [B, ...sampleShape]; no noise. */
export interface ImageValue {
  readonly x: Tensor;
}

/** A named bundle of per-sample tensors [B, ...] and its unconditional counterpart. */
export interface ConditionValue {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly nullTensors: Readonly<Record<string, Tensor>>;
  /**
   * Number of values of each integer tensor ("class", "content"); that number itself is the null value. Networks embed
   * the labels they know.
   */
  readonly labels: Readonly<Record<string, number>>;
  /** w of the LCM form, float32 [B], for networks that are told how strongly the teacher was guided (methods.md 1.10). */
  readonly guidanceScale?: Tensor;
}

/** A matched pair predicted at one state (methods.md 1.6), both shaped as the state. */
export interface Prediction {
  readonly predX0: Tensor;
  readonly eps: Tensor;
}

/** How a network reads one of its parameters; aliases, EMA copies and LoRA are other views of the same network. */
export type ParameterView = (path: string, spec: ParameterSpec) => Tensor;

export type Initialiser =
  | { kind: "zeros" }
  | { kind: "ones" }
  | { kind: "normal"; std: number; mean?: number }
  | { kind: "uniform"; bound: number }
  /** Starts as a copy of another variable (averages). */
  | { kind: "copy"; owner: string; path: string }
  /** Read when the variable gets its first value. */
  | { kind: "data"; load: (resources: Resources) => Float32Array | Promise<Float32Array> }
  /** What a stage of training worked into `base`, or had already: `work` adds the `paths` of the stage before to it, in place. */
  | { kind: "merged"; base: Initialiser; paths: readonly string[]; work: Merge };

/** `changes` are a node's variables, `params` its parameters, as the stage before left them. */
export type Merge = (
  base: Float32Array,
  changes: readonly Float32Array[],
  params: Readonly<Record<string, unknown>>,
) => void;

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly init: Initialiser;
}

/** A handle to a parameter set and the network that uses it. Applying it twice shares the weights. */
export interface WeightsValue {
  /** Document node that owns the parameters. */
  readonly owner: string;
  readonly title: string;
  readonly trainable: boolean;
  /** Shape of one sample the network takes, or null if any. */
  readonly sampleShape: readonly number[] | null;
  /** Space of the states it was made for, and what its weights put out there, where that is known. */
  readonly space?: Space;
  readonly predictionType?: PredictionType;
  /** Takes the guidance scale with its condition: then it has to be told. */
  readonly guidanceEmbedding?: boolean;
  /** Uses the owner's own parameters. */
  readonly parameters: ParameterView;
  /** Where the parameters are a low-rank change of a frozen network: what a file of them says beside them. */
  readonly adapter?: () => Readonly<Record<string, string>>;
  /** Of a diffusion network: applies it at a state, reading parameters through `view` (default: `parameters`). */
  readonly predict?: (x: StateValue, condition: ConditionValue | null, view?: ParameterView) => Prediction;
  /**
   * Of a diffusion network from a file: maps [B, C, H, W] inside it at a state, as many as `hooks` name, reading parameters
   * through `view` (default: `parameters`).
   */
  readonly features?: (
    x: StateValue,
    condition: ConditionValue | null,
    hooks: readonly string[],
    view?: ParameterView,
  ) => readonly Tensor[];
  /** Of an encoder: looks at images [B, C, H, W] in [-1, 1], reading parameters through `view` (default: `parameters`). */
  readonly extract?: (images: Tensor, view?: ParameterView) => FeaturesValue;
}

/**
 * A frozen pair of networks between pictures in [-1, 1] and the latents that states live in (methods.md 1.1): wired
 * wherever states meet pixels. Clips go through it frame by frame.
 */
export interface CodecValue {
  readonly title: string;
  /** Pixels per side of a latent's position, and channels of a latent. */
  readonly downscale: number;
  readonly channels: number;
  /** [B, (F,) 3, H, W] -> [B, (F,) channels, H / downscale, W / downscale], scaled as the network takes them; no gradient. */
  encode(images: Tensor): Tensor;
  /** The way back; gradients flow into the latents. */
  decode(latents: Tensor): Tensor;
}

/** A weighted training objective: a float32 scalar. */
export interface LossValue {
  readonly value: Tensor;
}

/** A series of numbers recorded while a run goes on. */
export interface MetricValue {
  /** Document node that records it, and its name there. */
  readonly node: string;
  readonly series: string;
  readonly title: string;
}

export interface ScalarValue {
  readonly value: Tensor;
}

/** A stage of training and those before it. */
export interface TrainingStageValue {
  /** How many they are. */
  readonly count: number;
}

/** What an encoder sees in a batch of images. */
export interface FeaturesValue {
  /** Hooked layers from first to last: float32 [B, channels, positions]. */
  readonly layers: readonly Tensor[];
  /** One vector per image: float32 [B, D]. */
  readonly embedding: Tensor;
  /** Scores of each label the encoder classifies ("class", "content"): float32 [B, values]. */
  readonly logits?: Readonly<Record<string, Tensor>>;
}

/** States along the paths of a sampler; the values exist on the host after the sampler ran. */
export interface TrajectoryValue {
  /** Document node of the sampler. */
  readonly sampler: string;
  readonly sampleShape: readonly number[];
  /** Of each path: timesteps visited, from the start down to the end. */
  readonly paths: readonly { readonly timesteps: readonly number[] }[];
  readonly batch: number;
}

/** Which part of a data set: held-out contents never enter training. */
export type Split = "train" | "heldOut" | "all";

/** A data set as the compiler sees it; the values are read on the host through `open`. */
export interface DatasetValue {
  readonly id: string;
  readonly title: string;
  readonly sampleShape: readonly number[];
  /** Class (style) names, [] when there are none. */
  readonly classes: readonly string[];
  /** Names of the kinds of content (groups of glyphs), where samples carry one beside their class. */
  readonly contents?: readonly string[];
  /** Coarser kinds, where there are any: their names, and which one each of `contents` belongs to. */
  readonly groups?: { readonly names: readonly string[]; readonly ofContent: readonly number[] };
  /** Whether every item exists in every class, so that a style transfer has a right answer. */
  readonly paired?: boolean;
  /** Whether the samples are clips whose optical flow is known (`DatasetReader.readFlow`). */
  readonly hasFlow?: boolean;
  /** Number of samples of the training split, where it is known without reading the data. */
  readonly trainCount?: number;
  /** Host side; `resources` reads files wherever the stage runs. */
  open(resources: Resources, seed: number): Promise<DatasetReader>;
  /** Closed form of a Gaussian mixture, where the data set is one. */
  readonly mixture?: GaussianMixture;
}

export interface GaussianMixture {
  /** [K, D] row-major */
  readonly means: Float32Array;
  readonly std: number;
  /** [K], summing to 1 */
  readonly weights: Float32Array;
}

/** Random access to the samples of a data set. */
export interface DatasetReader {
  /** Number of samples of a split (and class, when given). */
  count(split: Split, classIndex?: number): number;
  /** Writes sample `index` of the split (and class) into `out` at `offset`, and says what it is. */
  read(split: Split, index: number, out: Float32Array, offset: number, classIndex?: number): SampleLabels;
  /** Writes `item` as it looks in class `classIndex`; only of paired data sets. */
  readItem?(item: number, classIndex: number, out: Float32Array, offset: number): void;
  /**
   * Of clips [F, C, H, W] with known motion: writes the flow of `item` as [F - 1, 3, H, W], how far what is seen at a pixel
   * goes until the next frame (right, down, in pixels) and 1 where it is still seen there, else 0.
   */
  readFlow?(item: number, out: Float32Array, offset: number): void;
  /**
   * Writes what sample `index` of the split shows as it looks in one of its classes, the `choose(number of classes)`th;
   * false where that data set is not paired.
   */
  readVariant?(
    split: Split,
    index: number,
    choose: (count: number) => number,
    out: Float32Array,
    offset: number,
  ): boolean;
}

/** -1 where the data set has no such label. */
export interface SampleLabels {
  readonly class: number;
  readonly content: number;
  /** What is shown, whatever its class: the same number in every class of a paired data set. */
  readonly item: number;
}

export interface FlowPair {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Files a stage may need, read wherever it runs. Paths are relative to the node library's folder or a registry id. */
export interface Resources {
  /** Decodes an image file to interleaved 8-bit RGB. */
  image(path: string): Promise<{ width: number; height: number; channels: 3; data: Uint8Array }>;
  bytes(path: string): Promise<Uint8Array>;
  /**
   * Dense optical flow from one grey picture to another (8 bit, row-major), [2, H, W]: right and down, in pixels. Absent where
   * no implementation is installed.
   */
  opticalFlow?(pair: FlowPair): Promise<Float32Array>;
  /** Metadata of registered data sets and models, known without reading the data. */
  dataset(id: string): UserDatasetInfo | undefined;
  model(id: string): UserModelInfo | undefined;
  /**
   * A registered ONNX file for input sizes `sizes` (by `input.axis`), or undefined while it has not been imported.
   * Importing takes time, so it is done between two compilations: asking notes the wish (`ModelImports`).
   */
  importedModel?(id: string, sizes: Readonly<Record<string, number>>): ImportedModel | undefined;
}

export interface UserDatasetInfo {
  id: string;
  name: string;
  size: number;
  /** Of clips; absent where the samples are pictures. */
  frames?: number;
  classes: string[];
  count: number;
}

export interface WireValues {
  state: StateValue;
  image: ImageValue;
  time: TimeValue;
  schedule: ScheduleValue;
  condition: ConditionValue;
  weights: WeightsValue;
  features: FeaturesValue;
  loss: LossValue;
  trajectory: TrajectoryValue;
  dataset: DatasetValue;
  metric: MetricValue;
  scalar: ScalarValue;
  stage: TrainingStageValue;
  codec: CodecValue;
}
