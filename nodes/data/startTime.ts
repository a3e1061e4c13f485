/** Where a path begins: the solver node that belongs to a share of the noise, or one drawn. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ScheduleValue, TimeValue } from "@distillery/shared/graph/wires";
import { add, mul } from "@distillery/shared/onnx/ops";
import { fixedLabel, ownLabel } from "../time/labels";
import { startIndex } from "../time/windows";

export interface StartTime {
  /** The noise share. */
  readonly eta: number;
  /** Of a grid start. */
  readonly stride: number;
}

/** Always the noise share's own node, ceil(N eta) + 1. */
export function fixedStart(schedule: ScheduleValue, { eta }: Pick<StartTime, "eta">, context: StageContext): TimeValue {
  const { graph, batch } = context;
  const node = checkedIndex(schedule, eta, context) + 1;
  if (node === schedule.nodes) refuseSingular(schedule, context);
  return {
    schedule,
    node: graph.constant(Array<number>(batch).fill(node), [batch], "int64"),
    label: fixedLabel(node, `the start time of "${context.title}"`),
  };
}

/** An index drawn from 1 .. ceil(N eta) - 1: below the noise share. */
export function uniformStart(schedule: ScheduleValue, { eta }: StartTime, context: StageContext): TimeValue {
  const index = checkedIndex(schedule, eta, context);
  if (index < 2) {
    context.fail(
      `start times are drawn from index 1 up to ${index - 1}, which is empty. Raise the noise share or the number of nodes.`,
      undefined,
      "start-range",
    );
  }
  return drawnStart(schedule, { highest: index, count: index - 1, stride: 1 }, context);
}

/** Any node N, N - stride, ... above 0, whatever the share; with stride 1 all script indices 0 .. N - 1. */
export function gridStart(schedule: ScheduleValue, { stride }: StartTime, context: StageContext): TimeValue {
  refuseSingular(schedule, context);
  return drawnStart(schedule, { highest: schedule.nodes, count: Math.ceil(schedule.nodes / stride), stride }, context);
}

/** One of `count` nodes, `stride` apart, evenly. */
function drawnStart(
  schedule: ScheduleValue,
  { highest, count, stride }: { highest: number; count: number; stride: number },
  context: StageContext,
): TimeValue {
  const lowest = highest - stride * (count - 1);
  const index = context.random("index", { kind: "integer", low: 0, high: count - 1 }, [context.batch]);
  const label = ownLabel(context.nodeId, `the start time of "${context.title}"`, lowest, highest);
  return { schedule, node: add(mul(index, stride), lowest), label };
}

/** Script index ceil(N eta), which has to be one of the grid's. */
function checkedIndex(schedule: ScheduleValue, eta: number, context: StageContext): number {
  const index = startIndex(schedule.nodes, eta);
  if (index > schedule.nodes - 1) {
    const highest = Math.floor(((schedule.nodes - 1) / schedule.nodes) * 1000) / 1000;
    context.fail(
      `a noise share of ${eta} starts at index ${index}, beyond the last one (${schedule.nodes - 1}) of ${schedule.nodes} nodes. ` +
        `Choose at most ${highest}.`,
      undefined,
      "start-range",
    );
  }
  return index;
}

/** With zero terminal SNR an epsilon prediction at the last node says nothing of the clean sample (division by 0). */
function refuseSingular(schedule: ScheduleValue, context: StageContext): void {
  if (schedule.predictionType === "epsilon" && schedule.levelOf(schedule.nodes).alpha === 0) {
    context.fail(
      "the schedule has zero terminal SNR and epsilon prediction, which is undefined at its last node. " +
        "Use v_prediction or sample prediction, or start lower.",
      "schedule",
      "zero-snr",
    );
  }
}
