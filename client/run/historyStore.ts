/** The newest runs the server keeps, for whoever chooses one; and loading one with its whole log. */
import { flatDocument } from "@distillery/shared/graph/flatten";
import { isFinal } from "@distillery/shared/protocol/events";
import type { RunDetail, RunRecord } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { getEvents, getRun, listRuns } from "../api/server";
import { RunLog } from "./runLog";

/** Everything about a run that is over or seen from outside. */
export interface LoadedRun {
  /** Its graph is the flat one that was executed. */
  detail: RunDetail;
  log: RunLog;
}

export const useHistoryStore = defineStore("history", () => {
  const runs = shallowRef<readonly RunRecord[]>([]);
  /** While the server is away the list stays as it was. */
  async function refresh(): Promise<void> {
    runs.value = await listRuns().catch(() => runs.value);
  }
  return { runs, refresh };
});

export async function loadRun(id: string): Promise<LoadedRun> {
  const [detail, events] = await Promise.all([getRun(id), getEvents(id)]);
  const log = new RunLog(id);
  log.take(events);
  return { detail: { ...detail, graph: flatDocument(detail.graph) }, log };
}

/** Seconds from start to finish (or now); null when it has not started. */
export function secondsOf(run: RunRecord, now: number): number | null {
  if (run.startedAt === null) return null;
  return ((run.finishedAt ?? (isFinal(run.status) ? run.createdAt : now)) - run.startedAt) / 1000;
}
