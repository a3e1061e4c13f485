/** Runs that compute or wait on the server, in their order. */
import { isFinal } from "@distillery/shared/protocol/events";
import type { QueueEntry } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { messageOf } from "../api/apiError";
import { controlRun, getQueue, orderQueue } from "../api/server";

export const useQueueStore = defineStore("queue", () => {
  const entries = shallowRef<readonly QueueEntry[]>([]);
  const hasLoaded = ref(false);
  const problem = ref("");
  const waiting = computed(() => entries.value.filter(({ status }) => status === "queued"));
  /** An answer that was asked for before the last change is not shown. */
  let asked = 0;

  async function take(ask: () => Promise<readonly QueueEntry[]>): Promise<void> {
    const mine = ++asked;
    try {
      const answer = await ask();
      if (mine !== asked) return;
      entries.value = answer;
      hasLoaded.value = true;
      problem.value = "";
    } catch (error) {
      if (mine === asked) problem.value = messageOf(error);
    }
  }
  const refresh = (): Promise<void> => take(getQueue);

  /** Moves a waiting run to a place among those that wait, shown at once. */
  function move(id: string, place: number): Promise<void> {
    const order = waiting.value.map((entry) => entry.id).filter((other) => other !== id);
    order.splice(Math.max(0, Math.min(order.length, place)), 0, id);
    const byId = new Map(entries.value.map((entry) => [entry.id, entry]));
    const moved = order.flatMap((each) => byId.get(each) ?? []);
    let next = 0;
    entries.value = entries.value.map((entry) => (entry.status === "queued" ? (moved[next++] ?? entry) : entry));
    return take(() => orderQueue(order));
  }

  /** A waiting run is gone at once; one that computes ends after its step. */
  async function cancel(ids: readonly string[]): Promise<void> {
    const chosen = new Set(ids);
    asked++;
    entries.value = entries.value.flatMap((entry) => {
      if (!chosen.has(entry.id)) return [entry];
      return entry.status === "queued" ? [] : [{ ...entry, status: "cancelling" as const }];
    });
    // Last first: a device that becomes free must not go to one that is cancelled next.
    const results = await Promise.allSettled([...ids].reverse().map((id) => controlRun(id, "cancel")));
    const failed = results.find((result) => result.status === "rejected");
    await refresh();
    if (failed) problem.value = messageOf(failed.reason);
  }

  return { entries, waiting, hasLoaded, problem, refresh, move, cancel };
});

/** Seconds a run still needs; null while unknown. */
export function secondsLeft({ status, step, steps, stepsPerSecond }: QueueEntry): number | null {
  if (isFinal(status) || status === "paused" || stepsPerSecond === null || stepsPerSecond <= 0) return null;
  return Math.max(0, steps - step) / stepsPerSecond;
}

/** Seconds for all of them on one device after the other, taking a waiting run to be as fast as one of its graph. */
export function secondsForAll(entries: readonly QueueEntry[]): number | null {
  let total = 0;
  for (const entry of entries) {
    if (entry.status === "paused" || entry.status === "cancelling") continue;
    const twin = entries.find(({ graphName, stepsPerSecond }) => graphName === entry.graphName && stepsPerSecond);
    const own = secondsLeft({ ...entry, stepsPerSecond: entry.stepsPerSecond ?? twin?.stepsPerSecond ?? null });
    if (own === null) return null;
    total += own;
  }
  return total;
}
