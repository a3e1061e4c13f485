/** What a document compiles to: the stages of a run, each one ONNX graph with its host's part. */
import type { SamplerPlan, Turn } from "../graph/node";
import type { ScheduleValue, TrajectoryValue, WireType, WireValues } from "../graph/wires";
import type { Values } from "./emit";
import type { ResolvedGraph, ResolvedNode } from "./resolve";
import type { StageBuilder } from "./stageBuilder";

export interface Stage {
  readonly builder: StageBuilder;
  /** Wire values of the nodes in this stage, by node. */
  readonly values: ReadonlyMap<string, Values>;
  readonly nodes: readonly ResolvedNode[];
}

/** A wire whose value can be fetched while the stage runs. */
export interface TapPoint {
  readonly output: string;
  /** Output that holds the solver node per sample, for states. */
  readonly time: string | null;
  /** Of states and of times. */
  readonly schedule: ScheduleValue | null;
  readonly shape: readonly number[];
}

export interface TrainStage extends Stage {
  /** Updates of every trained network. */
  readonly steps: number;
  /** Runs of the stage in one step: `every`, or an even and an odd one. */
  readonly turns: readonly Turn[];
  readonly batch: number;
  readonly checkpointEvery: number;
  readonly trainers: readonly ResolvedNode[];
  /** `node.socket` -> where to fetch it. */
  readonly taps: ReadonlyMap<string, TapPoint>;
}

export interface SamplerStage {
  readonly node: ResolvedNode;
  /** Evaluated once: the state every path starts from, and its condition. */
  readonly start: Stage & {
    readonly x: string;
    readonly t: string;
    /** Step-graph input -> output of this graph that feeds it in every step: the condition, a known picture. */
    readonly given: Readonly<Record<string, string>>;
  };
  /** Makes pictures of states that are latents, x to `pictures`; null where states are pictures themselves. */
  readonly decoder: (Stage & { readonly pictures: string; readonly shape: readonly number[] }) | null;
  /** Stepped along every path of the plan; inputs x, t, s, condition.*, carry.*, path.* and guidanceScale, outputs as named. */
  readonly step: Stage & { readonly x: string; readonly carry: Readonly<Record<string, string>> };
  readonly plan: SamplerPlan;
  readonly batch: number;
  readonly schedule: ScheduleValue;
  readonly sampleShape: readonly number[];
}

/** A node that looks at trajectories. */
export interface Observer {
  readonly node: ResolvedNode;
  /** Trajectory input socket -> sampler nodes, in link order. */
  readonly trajectories: Readonly<Record<string, readonly string[]>>;
  /** Its other inputs. */
  readonly values: Values;
}

/** A node that measures finished paths. */
export interface ScorerStage extends Stage {
  readonly node: ResolvedNode;
  /** Sampler nodes whose paths it measures, in link order. */
  readonly samplers: readonly string[];
  readonly batch: number;
  /** Input that takes the last states; null when nothing of them is looked at. */
  readonly image: string | null;
  /** Inputs that take earlier states and their solver nodes, and where on a path those are (0 start, 1 end). */
  readonly states: readonly { readonly x: string | null; readonly t: string | null; readonly at: number }[];
  /** Name of a value -> output that holds it. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A node that looks at whole data sets. */
export interface SurveyStage extends Stage {
  readonly node: ResolvedNode;
  /** Its other inputs, by socket: what its host part opens. */
  readonly wired: Readonly<Record<string, readonly WireValues[WireType][]>>;
  readonly batch: number;
  readonly every: number;
  /** Name of a value -> output that holds it; of an input -> graph input. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly graph: ResolvedGraph;
  readonly train: TrainStage | null;
  readonly samplers: readonly SamplerStage[];
  readonly observers: readonly Observer[];
  readonly scorers: readonly ScorerStage[];
  readonly surveys: readonly SurveyStage[];
}

/** A stretch of a run, and what it runs. */
export interface PlannedStage {
  readonly index: number;
  /** Node that describes it; null where the whole run is one stage. */
  readonly node: string | null;
  readonly title: string;
  /** Steps of the run before it begins, and when it is over. */
  readonly begin: number;
  readonly end: number;
  /** Batches of the run before it begins; more than steps where trainers took turns. */
  readonly batchesBefore: number;
  /** Nodes whose parameters begin anew, and those whose memory goes on (`StagePlan`). */
  readonly fresh: readonly string[];
  readonly merge: readonly string[];
  readonly keep: readonly string[];
  readonly plan: Plan;
}

export const trajectoryOf = (sampler: SamplerStage): TrajectoryValue => ({
  sampler: sampler.node.id,
  sampleShape: sampler.sampleShape,
  paths: sampler.plan.paths,
  batch: sampler.batch,
});
