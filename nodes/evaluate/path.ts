/** Which times a sampler visits: solver nodes of the start's schedule, or the published schedulers' own timesteps and noise levels. */
import type { SamplerPath, StageContext } from "@distillery/shared/graph/node";
import { atPoints, pointOf, type TimePoint } from "@distillery/shared/graph/points";
import type { ScheduleValue, TimeValue } from "@distillery/shared/graph/wires";
import { type Levels, levelsOf } from "../schedule/levels";
import { describeTime } from "../time/labels";
import { requireOnGrid } from "../time/offGrid";
import { evenNodes, stdNodes } from "./gridNodes";
import { type Counting, exponentialSigmas, karrasSigmas, type Spacing, spacedTimesteps } from "./spacing";

export interface Pacing {
  readonly spacing: "even" | "std" | "list" | Spacing;
  readonly counting: Counting;
  readonly evaluationsPerStep: number;
  readonly lastStepToClean: boolean;
  /** Share of the schedule, of std spacing. */
  readonly eta: number;
  readonly offset: number;
  readonly timesteps: readonly number[];
  readonly sigmas: "table" | "karras" | "exponential";
}

export interface Paths {
  readonly schedule: ScheduleValue;
  readonly paths: readonly SamplerPath[];
}

/** One path from the state's own time for every number of evaluations. */
export function planPaths(pacing: Pacing, nfe: readonly number[], start: TimeValue, context: StageContext): Paths {
  requireOnGrid(context, start, "x");
  const { schedule, label } = start;
  if (label.min !== label.max) {
    context.fail(
      `all paths of a sampler start at one node, but the state comes from ${describeTime(label)}. Wire in a Start whose time is fixed.`,
      "x",
      "sampler-start",
    );
  }
  if (label.max === 0) {
    context.fail("the state is already at node 0, so there is nothing to sample.", "x", "sampler-start");
  }
  const all = nfe.map((count) => Math.max(1, stepsOf(pacing, count)));
  if (pacing.spacing === "even" || pacing.spacing === "std") {
    const nodes = all.map((steps) => gridPath(pacing, steps, schedule, label.max, context));
    return { schedule, paths: nodes.map((path) => pathAlong(schedule, path, pacing)) };
  }
  const visited = all.map((steps) => pointsOf(pacing, steps, schedule, label.max, context));
  const rising = new Map(visited.flat().map((point) => [keyOf(point), point]));
  // Node 0 is the end of every path, even where a step is made from timestep 0, too.
  const points = [pointOf(schedule, 0), ...[...rising.values()].sort((a, b) => a.sigma / a.alpha - b.sigma / b.alpha)];
  const own = atPoints(schedule, points, `${schedule.id}@${context.nodeId}`);
  const nodes = visited.map((path) => [
    ...path.map((point) => points.lastIndexOf(rising.get(keyOf(point)) as TimePoint)),
    0,
  ]);
  return { schedule: own, paths: nodes.map((path) => pathAlong(own, path, pacing)) };
}

const keyOf = ({ timestep, sigma }: TimePoint): string => `${timestep}:${sigma}`;

/** A step that ends at the clean prediction needs that one evaluation only, of however many the solver makes. */
const savedAtTheEnd = ({ lastStepToClean, evaluationsPerStep }: Pacing): number =>
  lastStepToClean ? evaluationsPerStep - 1 : 0;

const stepsOf = (pacing: Pacing, nfe: number): number =>
  Math.floor((nfe + savedAtTheEnd(pacing)) / pacing.evaluationsPerStep);

const pathAlong = (schedule: ScheduleValue, nodes: readonly number[], pacing: Pacing): SamplerPath => ({
  nodes,
  timesteps: nodes.map((node) => schedule.timestepOf(node)),
  nfe: (nodes.length - 1) * pacing.evaluationsPerStep - savedAtTheEnd(pacing),
});

function gridPath(
  { spacing, eta }: Pacing,
  steps: number,
  { timesteps, nodes }: ScheduleValue,
  start: number,
  context: StageContext,
): readonly number[] {
  if (spacing === "even") return evenNodes(start, steps);
  const path = stdNodes({ start, timesteps, nodes, eta, steps });
  return (
    path ??
    context.fail(
      `std spacing with ${steps} steps at a noise share of ${eta} does not fit below the start, node ${start} of ${nodes}. ` +
        "Take fewer steps or the noise share of the start.",
      undefined,
      "sampler-spacing",
    )
  );
}

/**
 * The times at which the network is evaluated, falling. The published rules are applied to the timesteps 0..t of the start;
 * a leading path begins below them, and reads the state as if it were there, as the published pipelines do.
 */
function pointsOf(
  pacing: Pacing,
  steps: number,
  schedule: ScheduleValue,
  start: number,
  context: StageContext,
): readonly TimePoint[] {
  const levels = levelsOf(schedule);
  const highest = levels.placeOf(start);
  const points =
    pacing.spacing === "list"
      ? listed(pacing, steps, schedule.timestepOf(start), context).map(levels.at)
      : leveled(pacing, timestepsOf(pacing, steps, highest, levels.lowest, context), highest, levels);
  if (schedule.predictionType === "epsilon" && points.some(({ alpha }) => alpha === 0)) {
    context.fail(
      "the path begins in pure noise, and an epsilon prediction is undefined there. " +
        "Use v_prediction or sample prediction, or start lower.",
      "x",
      "zero-snr",
    );
  }
  return points;
}

const refuse = (context: StageContext, message: string): never => context.fail(message, undefined, "sampler-spacing");

function listed({ timesteps }: Pacing, steps: number, highest: number, context: StageContext): readonly number[] {
  if (timesteps.length !== steps) {
    refuse(context, `${timesteps.length} timesteps are listed for ${steps} steps; list as many or change the NFE.`);
  }
  if (timesteps.some((t, i) => t > (i === 0 ? highest : (timesteps[i - 1] as number) - 1))) {
    refuse(
      context,
      `the listed timesteps ${timesteps.join(", ")} must fall, from ${highest}, the start's own, or below.`,
    );
  }
  return timesteps;
}

function timestepsOf(
  { spacing, counting, offset }: Pacing,
  steps: number,
  highest: number,
  lowest: number,
  context: StageContext,
): readonly number[] {
  if (steps > highest) {
    refuse(context, `${steps} steps do not fit into the ${highest} timesteps below the start; take fewer.`);
  }
  const spaced = spacedTimesteps({ spacing: spacing as Spacing, counting, timesteps: highest + 1, steps, offset });
  if ((spaced[0] as number) > highest) {
    refuse(
      context,
      `with an offset of ${offset} the first timestep is ${spaced[0]}, above the start's own, ${highest}.`,
    );
  }
  if (spaced[0] === 0) {
    refuse(context, "linspace spacing of one step evaluates at timestep 0 only; take trailing spacing.");
  }
  if (lowest === 0 || spacing !== "linspace" || counting === "multistep") return spaced;
  return spaced.map((t) => lowest + (t / highest) * (highest - lowest));
}

/** Each timestep with its noise level: the schedule's own, or a curve between the ends. */
function leveled(
  { sigmas, counting }: Pacing,
  falling: readonly number[],
  highest: number,
  levels: Levels,
): readonly TimePoint[] {
  if (sigmas === "table") return falling.map(levels.between);
  // Multistep solvers take the whole range below the start, the others what the spacing left of it.
  const isWhole = counting === "multistep";
  const [from, to] = isWhole ? [highest, 0] : [falling[0] as number, falling.at(-1) as number];
  const curve = sigmas === "karras" ? karrasSigmas : exponentialSigmas;
  return curve(levels.sigmaAt(from), levels.sigmaAt(to), falling.length).map((sigma) => levels.ofSigma(sigma, isWhole));
}
