/** The runs that are compared: loaded with their whole logs, those that go on kept up to date. */
import { isFinal } from "@distillery/shared/protocol/events";
import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { ApiError, messageOf } from "../api/apiError";
import { getEvents, getRun } from "../api/server";
import { type LoadedRun, loadRun } from "../run/historyStore";

/** Loaded at the same time: logs are long. */
const AT_ONCE = 4;
export const MAX_COMPARED = 48;

export const useCompareStore = defineStore("compare", () => {
  const runs = shallowRef<readonly LoadedRun[]>([]);
  const isLoading = ref(false);
  const problem = ref("");
  /** Ids that the server does not have. */
  const missing = shallowRef<readonly string[]>([]);
  let wanted = "";

  /** Shows these runs in this order; what is loaded already stays. */
  async function open(ids: readonly string[]): Promise<void> {
    const unique = [...new Set(ids)].slice(0, MAX_COMPARED);
    const mine = unique.join();
    wanted = mine;
    isLoading.value = true;
    problem.value = "";
    const known = new Map(runs.value.map((run) => [run.detail.id, run]));
    const gone: string[] = [];
    try {
      const waiting = unique.filter((id) => !known.has(id));
      while (waiting.length > 0) {
        await Promise.all(
          waiting.splice(0, AT_ONCE).map(async (id) => {
            const loaded = await loadRun(id).catch((error: unknown) => {
              if (!(error instanceof ApiError && error.status === 404)) throw error;
              gone.push(id);
            });
            if (loaded) known.set(id, loaded);
          }),
        );
        if (wanted !== mine) return;
        runs.value = unique.flatMap((id) => known.get(id) ?? []);
      }
      runs.value = unique.flatMap((id) => known.get(id) ?? []);
      missing.value = gone;
    } catch (error) {
      if (wanted === mine) problem.value = messageOf(error);
    } finally {
      if (wanted === mine) isLoading.value = false;
    }
  }

  /** Asks for what runs did meanwhile that are not over. */
  async function refresh(): Promise<void> {
    const mine = wanted;
    if (runs.value.every(({ detail }) => isFinal(detail.status))) return;
    try {
      const next = await Promise.all(
        runs.value.map(async (run) => {
          if (isFinal(run.detail.status)) return run;
          const detail = await getRun(run.detail.id);
          run.log.take(await getEvents(detail.id, run.log.lastSeq));
          return { detail, log: run.log };
        }),
      );
      if (wanted === mine) runs.value = next;
    } catch {
      // The next turn asks again.
    }
  }

  return { runs, isLoading, problem, missing, open, refresh };
});
