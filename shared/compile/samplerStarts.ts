/**
 * A trained network is not sampled from noisier states than it was trained at. One solver node more is let pass: training
 * without a bank draws its starts from below the noise share that paths begin at.
 */
import type { GraphEdge, Issue } from "../graph/document";
import { latestTimestep } from "../graph/timesteps";
import type { StateValue, WeightsValue } from "../graph/wires";
import type { ResolvedNode } from "./resolve";
import type { SamplerStage, Stage, TrainStage } from "./stages";

export function checkSamplerStarts(train: TrainStage | null, samplers: readonly SamplerStage[], issues: Issue[]): void {
  if (train === null) return;
  const trained = trainedUpTo(train);
  for (const { node, start } of samplers) {
    const edge = node.inputs.get("x")?.[0];
    const state = edge && stateAt(edge, start);
    const weights = weightsOf(node, train);
    const highest = weights && (trained.get(weights.owner) ?? trained.get(averagedOwner(weights, train) ?? ""));
    if (edge === undefined || state === undefined || weights === undefined || highest === undefined) continue;
    const starts = latestTimestep(state.t);
    if (starts <= highest.allowed) continue;
    issues.push({
      severity: "error",
      code: "start-above-training",
      message:
        `"${node.title}" starts at timestep ${starts}, but "${weights.title}" is trained from timestep ${highest.trained} down only. ` +
        "Start its paths lower, or train from higher.",
      node: node.id,
      socket: "x",
      edge,
    });
  }
}

const stateAt = ({ from }: GraphEdge, { values }: Pick<Stage, "values">) =>
  values.get(from.node)?.[from.socket] as StateValue | undefined;

function weightsOf({ inputs }: ResolvedNode, { values }: TrainStage): WeightsValue | undefined {
  const from = inputs.get("weights")?.[0]?.from;
  return from && (values.get(from.node)?.[from.socket] as WeightsValue | undefined);
}

/** Whose weights an average holds: its owner is the node that keeps it. */
function averagedOwner({ owner }: WeightsValue, train: TrainStage): string | undefined {
  const keeper = train.nodes.find(({ id }) => id === owner);
  return keeper && weightsOf(keeper, train)?.owner;
}

/** The latest timestep of the states that each trained network is applied to, and the solver node above it, by owner. */
function trainedUpTo(train: TrainStage): Map<string, { trained: number; allowed: number }> {
  const owners = new Set(train.trainers.map((trainer) => weightsOf(trainer, train)?.owner));
  const latest = new Map<string, { trained: number; allowed: number }>();
  for (const node of train.nodes) {
    const owner = weightsOf(node, train)?.owner;
    if (owner === undefined || !owners.has(owner)) continue;
    for (const [socket, { type }] of Object.entries(node.definition.inputs)) {
      for (const edge of type === "state" ? (node.inputs.get(socket) ?? []) : []) {
        const state = stateAt(edge, train);
        const trained = state === undefined ? -1 : latestTimestep(state.t);
        if (state === undefined || trained <= (latest.get(owner)?.trained ?? -1)) continue;
        const { solverGrid: grid = state.t.schedule } = state.t.schedule;
        latest.set(owner, { trained, allowed: grid.timestepOf(Math.min(state.t.label.max + 1, grid.nodes)) });
      }
    }
  }
  return latest;
}
