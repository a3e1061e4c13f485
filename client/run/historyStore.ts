/** The runs the server keeps, and the two that are being compared. */
import { isFinal } from "@distillery/shared/protocol/events";
import type { RunDetail, RunRecord } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { messageOf } from "../api/apiError";
import { getEvents, getRun, listRuns } from "../api/server";
import { RunLog } from "./runLog";

/** Everything about a run that is over or seen from outside. */
export interface LoadedRun {
  detail: RunDetail;
  log: RunLog;
}

export const useHistoryStore = defineStore("history", () => {
  const runs = shallowRef<readonly RunRecord[]>([]);
  const isLoading = ref(false);
  const hasLoaded = ref(false);
  const problem = ref("");
  /** Ids of the runs ticked for comparing, oldest tick first. */
  const chosen = ref<string[]>([]);
  const compared = shallowRef<readonly [LoadedRun, LoadedRun] | null>(null);

  const canCompare = computed(() => chosen.value.length === 2);

  async function refresh(): Promise<void> {
    isLoading.value = true;
    try {
      runs.value = [...(await listRuns())].sort((a, b) => b.createdAt - a.createdAt);
      problem.value = "";
      hasLoaded.value = true;
    } catch (error) {
      problem.value = messageOf(error);
    } finally {
      isLoading.value = false;
    }
  }

  /** Ticks a run for comparing; a third tick replaces the oldest. */
  function choose(id: string): void {
    chosen.value = chosen.value.includes(id)
      ? chosen.value.filter((other) => other !== id)
      : [...chosen.value, id].slice(-2);
  }

  /** Loads the two ticked runs with their whole event logs, the earlier one first. */
  async function compare(): Promise<void> {
    const [first, second] = chosen.value;
    if (!first || !second) return;
    const [a, b] = await Promise.all([loadRun(first), loadRun(second)]);
    compared.value = a.detail.createdAt <= b.detail.createdAt ? [a, b] : [b, a];
  }
  const stopComparing = (): void => {
    compared.value = null;
  };

  return { runs, isLoading, hasLoaded, problem, chosen, compared, canCompare, refresh, choose, compare, stopComparing };
});

export async function loadRun(id: string): Promise<LoadedRun> {
  const [detail, events] = await Promise.all([getRun(id), getEvents(id)]);
  const log = new RunLog(id);
  log.take(events);
  return { detail, log };
}

/** Seconds from start to finish (or now); null when it has not started. */
export function secondsOf(run: RunRecord, now: number): number | null {
  if (run.startedAt === null) return null;
  return ((run.finishedAt ?? (isFinal(run.status) ? run.createdAt : now)) - run.startedAt) / 1000;
}
