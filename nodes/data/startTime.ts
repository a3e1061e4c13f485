/** Where a path begins: the solver node that belongs to a share of the noise, or one drawn. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ScheduleValue, TimeValue } from "@distillery/shared/graph/wires";
import { add } from "@distillery/shared/onnx/ops";
import { fixedLabel, ownLabel } from "../time/labels";
import { startIndex } from "../time/windows";

/** Always the noise share's own node, ceil(N eta) + 1. */
export function fixedStart(schedule: ScheduleValue, eta: number, context: StageContext): TimeValue {
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
export function uniformStart(schedule: ScheduleValue, eta: number, context: StageContext): TimeValue {
  const index = checkedIndex(schedule, eta, context);
  if (index < 2) {
    context.fail(
      `start times are drawn from index 1 up to ${index - 1}, which is empty. Raise the noise share or the number of nodes.`,
      undefined,
      "start-range",
    );
  }
  return drawnStart(schedule, 1, index - 1, context);
}

/** Any index of the grid, 0 .. N - 1: nodes 1 .. N, whatever the share. */
export function gridStart(schedule: ScheduleValue, _eta: number, context: StageContext): TimeValue {
  refuseSingular(schedule, context);
  return drawnStart(schedule, 0, schedule.nodes - 1, context);
}

/** Script index i is solver node i + 1. */
function drawnStart(schedule: ScheduleValue, low: number, high: number, context: StageContext): TimeValue {
  const index = context.random("index", { kind: "integer", low, high }, [context.batch]);
  const label = ownLabel(context.nodeId, `the start time of "${context.title}"`, low + 1, high + 1);
  return { schedule, node: add(index, 1), label };
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
  if (schedule.predictionType === "epsilon" && schedule.alphasCumprod.at(-1) === 0) {
    context.fail(
      "the schedule has zero terminal SNR and epsilon prediction, which is undefined at its last node. " +
        "Use v_prediction or sample prediction, or start lower.",
      "schedule",
      "zero-snr",
    );
  }
}
