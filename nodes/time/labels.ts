/**
 * Names of times. A label says which time a state is at without knowing its value, so that two states, or a state and a
 * destination, can be compared while the graph is built.
 */
import type { StageContext } from "@distillery/shared/graph/node";
import type { Space, TimeLabel, TimeValue } from "@distillery/shared/graph/wires";

/** `min`/`max` bound the solver node. Times that are always the same node share one identity, wherever they come from. */
function label(id: string, text: string, min: number, max: number, notAfter: readonly TimeLabel[]): TimeLabel {
  return { id: min === max ? `node:${min}` : id, text, min, max, notAfter };
}

/** The time always equal to solver node `node`. */
export const fixedLabel = (node: number, text = `solver node ${node}`): TimeLabel => label("", text, node, node, []);

/** A time drawn or restored by document node `nodeId`, somewhere in min..max. */
export const ownLabel = (
  nodeId: string,
  text: string,
  min: number,
  max: number,
  notAfter: readonly TimeLabel[] = [],
): TimeLabel => label(`of:${nodeId}`, text, min, max, notAfter);

const STEPPED = /^(.*)-(\d+)$/s;

/** The time `count` solver nodes below `from`, ending at node 0. Stepping 1 and then 2 is stepping 3. */
export function stepLabel(from: TimeLabel, count: number): TimeLabel {
  if (count === 0) return from;
  const min = Math.max(from.min - count, 0);
  const max = Math.max(from.max - count, 0);
  const earlier = stepLabel(from, count - 1);
  const [, base, done] = STEPPED.exec(from.id) ?? [undefined, from.id, "0"];
  const id = `${base}-${Number(done) + count}`;
  return label(id, `${count} solver node${count === 1 ? "" : "s"} below ${from.text}`, min, max, [earlier]);
}

/** Whether the time `a` is known never to be later (noisier) than `b`. */
export function isNotAfter(a: TimeLabel, b: TimeLabel): boolean {
  return (
    a.id === b.id ||
    a.max <= b.min ||
    a.notAfter.some((earlier) => isNotAfter(earlier, b)) ||
    (b.notBefore ?? []).some((later) => isNotAfter(a, later))
  );
}

/** Whether `id` names the time itself or one it is known never to exceed. */
export const descendsFrom = (a: TimeLabel, id: string): boolean =>
  a.id === id || a.notAfter.some((earlier) => descendsFrom(earlier, id));

export const isSameTime = (a: TimeValue, b: TimeValue): boolean =>
  a.label.id === b.label.id && a.schedule.id === b.schedule.id;

/** What the spaces are called, for messages. */
export const SPACES: Readonly<Record<Space, string>> = {
  vp: "variance preserving",
  ve: "variance exploding",
  rf: "a rectified flow",
};

/** `the start of "Start" (nodes 3..39)`, for messages. */
export const describeTime = ({ text, min, max }: TimeLabel): string =>
  min === max ? `${text} (solver node ${min})` : `${text} (solver nodes ${min} to ${max})`;

/** Refuses a state in a space that `who` was not made for. */
export function requireSpace(
  context: StageContext,
  { schedule }: TimeValue,
  spaces: readonly Space[],
  who: string,
  socket?: string,
): void {
  if (spaces.includes(schedule.space)) return;
  const made = spaces.map((space) => SPACES[space]).join(" or ");
  context.fail(`${who} is made for ${made}, the state is ${SPACES[schedule.space]}.`, socket, "space-mismatch");
}

/** Refuses two states, or a state and a time, in different spaces or on different schedules. */
export function requireSameSchedule(context: StageContext, a: TimeValue, b: TimeValue, socket?: string): void {
  if (a.schedule.space !== b.schedule.space) {
    context.fail(
      `the inputs live in two different spaces: one is ${SPACES[a.schedule.space]}, the other ${SPACES[b.schedule.space]}. ` +
        "Wire both from the same schedule node.",
      socket,
      "space-mismatch",
    );
  }
  if (a.schedule.id !== b.schedule.id) {
    context.fail(
      `the inputs live on two different noise schedules: one is at ${describeTime(a.label)}, ` +
        `the other at ${describeTime(b.label)}. Wire both from the same schedule node.`,
      socket,
      "schedule-mismatch",
    );
  }
}

/** Refuses a destination `s` that may be later (noisier) than the time `t` of the state to be moved there. */
export function requireNotAfter(context: StageContext, s: TimeValue, t: TimeValue, socket?: string): void {
  requireSameSchedule(context, s, t, socket);
  if (!isNotAfter(s.label, t.label)) {
    context.fail(
      `a state cannot move to a later time: the state is at ${describeTime(t.label)}, ` +
        `the destination is ${describeTime(s.label)}. Take the destination from this state's own path.`,
      socket,
      "time-order",
    );
  }
}
