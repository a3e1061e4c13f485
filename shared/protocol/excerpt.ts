/** What of a run's event log is worth taking along: curves, trajectories and pictures, thinned evenly. */
import type { RunEvent } from "./events";

/** A curve is drawn on fewer pixels than this. */
const STEP_EVENTS = 1000;
/** Training steps at which a viewer can be looked at. */
const VIEWER_STEPS = 40;

/**
 * The part of a log that the viewers show, in its order and with its numbers, so that frames can still be asked for.
 * Log lines, checkpoints, files and taps stay behind: they are the business of whoever ran it.
 */
export function excerptOf(events: readonly RunEvent[], viewerSteps = VIEWER_STEPS): RunEvent[] {
  const steps = keptSteps(
    events.filter((event) => event.type === "step"),
    STEP_EVENTS,
  );
  const viewed = new Map<string, Set<number>>();
  for (const [key, own] of groupByViewer(events)) viewed.set(key, keptSteps(own, viewerSteps));
  /** Step -> event that says its pictures were removed. */
  const removedAt = new Map<number, number>();
  for (const event of events)
    if (event.type === "thinned" && !event.tap) for (const step of event.steps) removedAt.set(step, event.seq);
  const lastOfNode = new Map(
    events.flatMap((event) => (event.type === "node" ? [[event.node, event.seq] as const] : [])),
  );
  return events.filter((event) => {
    switch (event.type) {
      case "status":
      case "compiled":
      case "stage":
      case "metric":
        return true;
      case "step":
        return steps.has(event.step);
      case "frame":
        return (
          event.tap !== true &&
          viewed.get(event.node)?.has(event.step) === true &&
          (removedAt.get(event.step) ?? 0) < event.seq
        );
      case "data":
        return viewed.get(event.node)?.has(event.step);
      case "node":
        return lastOfNode.get(event.node) === event.seq;
      default:
        return false;
    }
  });
}

/** Frames and data of one node belong together: a viewer needs both of the same step. */
function groupByViewer(events: readonly RunEvent[]): Map<string, { step: number }[]> {
  const groups = new Map<string, { step: number }[]>();
  for (const event of events) {
    if (event.type !== "data" && (event.type !== "frame" || event.tap)) continue;
    const group = groups.get(event.node);
    if (group) group.push(event);
    else groups.set(event.node, [event]);
  }
  return groups;
}

/** At most `limit` of the steps, evenly, the first and the last among them. */
function keptSteps(events: readonly { step: number }[], limit: number): Set<number> {
  const steps = [...new Set(events.map(({ step }) => step))].sort((a, b) => a - b);
  if (steps.length <= limit) return new Set(steps);
  const last = steps.length - 1;
  return new Set(Array.from({ length: limit }, (_, i) => steps[Math.round((i * last) / (limit - 1))] ?? 0));
}
