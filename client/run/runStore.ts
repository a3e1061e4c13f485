/**
 * The run this editor looks at: started, controlled and followed by its numbered events. Run state is never part of the
 * document and never undone; after a reload it is rebuilt from the event log.
 */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { isFinal, type RunEvent } from "@distillery/shared/protocol/events";
import type { OverridesInput, RunRecord } from "@distillery/shared/protocol/rest";
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import { defineStore } from "pinia";
import { computed, ref, shallowRef, triggerRef } from "vue";
import { controlRun, getEvents, getRun, startRun } from "../api/server";
import { useFrameStore } from "./frameStore";
import { RunLog } from "./runLog";
import type { RunSource } from "./runSource";
import { useServerStore } from "./serverStore";

/** How often the views are told of progress: events may come a hundred times a second. */
const TELL_MILLISECONDS = 50;

export const useRunStore = defineStore("run", () => {
  const server = useServerStore();
  const frames = useFrameStore();

  const log = shallowRef<RunLog | null>(null);
  /** The log for views of what nodes report: told anew only when they reported something, not at each of the steps between. */
  const reported = computed<{ readonly log: RunLog; readonly seq: number } | null>((before) => {
    const run = log.value;
    if (!run) return null;
    return before?.log === run && before.seq === run.dataSeq ? before : { log: run, seq: run.dataSeq };
  });
  const record = shallowRef<RunRecord | null>(null);
  /** The flat graph the run executes, as it was when it started. */
  const graph = shallowRef<GraphDocument | null>(null);
  const pending = ref<"" | "start" | "pause" | "resume" | "cancel">("");
  const isLoading = ref(false);
  let leave = () => {};
  let filling = false;
  let telling: ReturnType<typeof setTimeout> | undefined;

  const runId = computed(() => log.value?.runId ?? null);
  const status = computed(() => log.value?.status ?? null);
  const isActive = computed(() => status.value !== null && !isFinal(status.value));
  const progress = computed(() => (log.value && log.value.steps > 0 ? log.value.step / log.value.steps : 0));
  /** Seconds; null while unknown. */
  const secondsLeft = computed(() => {
    const run = log.value;
    if (run?.status !== "running" || run.stepsPerSecond <= 0) return null;
    return (run.steps - run.step) / run.stepsPerSecond;
  });

  function tell(): void {
    clearTimeout(telling);
    telling = undefined;
    triggerRef(log);
  }
  // Not by animation frames: the title tells of progress while the page is hidden.
  function tellSoon(): void {
    telling ??= setTimeout(tell, TELL_MILLISECONDS);
  }

  function take(events: readonly RunEvent[]): void {
    const run = log.value;
    if (!run) return;
    const { status } = run;
    const [before, gone] = [run.frames.length, run.thinned.length];
    if (run.take(events) > 0) {
      frames.addToIndex(run.runId, run.frames.slice(before));
      for (const { steps, tap } of run.thinned.slice(gone)) frames.forget(run.runId, steps, tap);
      if (run.status === status) tellSoon();
      else tell();
    }
    if (run.hasGap) void fillGap(run);
  }

  /** Events must never be missed: a hole is filled from the stored log. */
  async function fillGap(run: RunLog): Promise<void> {
    if (filling) return;
    filling = true;
    try {
      const missing = await getEvents(run.runId, run.lastSeq);
      if (log.value === run) take(missing);
    } catch {
      // The next reconnect asks again from the last event.
    } finally {
      filling = false;
    }
  }

  /** Looks at a run: everything it did so far, then live. */
  async function attach(id: string): Promise<void> {
    detach();
    const run = new RunLog(id);
    log.value = run;
    frames.open(id);
    isLoading.value = true;
    try {
      const [detail, events] = await Promise.all([getRun(id), getEvents(id)]);
      if (log.value !== run) return;
      record.value = detail;
      graph.value = flatDocument(detail.graph);
      run.device = detail.device;
      run.status = detail.status;
      run.steps = detail.steps;
      take(events);
      tell();
      // From there on: a long log is not sent twice.
      leave = server.live().subscribe(id, {
        lastSeq: () => run.lastSeq,
        events: take,
        frame: frames.receive,
        refused: (message) => {
          run.error ??= { message };
          tell();
        },
      });
    } catch (error) {
      if (log.value === run) detach();
      throw error;
    } finally {
      if (log.value === run || log.value === null) isLoading.value = false;
    }
  }

  /** Looks at a run as it was recorded, without asking the server that ran it. */
  function show(recorded: RecordedRun, source: RunSource): void {
    detach();
    const run = new RunLog("recorded");
    run.device = recorded.device;
    run.status = recorded.status;
    run.replay(recorded.events);
    frames.open(run.runId, source);
    frames.addToIndex(run.runId, run.frames);
    graph.value = flatDocument(recorded.graph);
    log.value = run;
  }

  function detach(): void {
    leave();
    leave = () => {};
    clearTimeout(telling);
    telling = undefined;
    log.value = null;
    record.value = null;
    graph.value = null;
    frames.close();
  }

  /** Starts a run of `document` and looks at it. */
  async function start(
    document: GraphDocument,
    overrides: OverridesInput,
    graphId?: string,
    profile?: number,
  ): Promise<RunRecord> {
    pending.value = "start";
    try {
      const started = await startRun({
        ...(graphId ? { graphId } : { graph: document }),
        overrides,
        ...(profile && { profile }),
      });
      await attach(started.id);
      return started;
    } finally {
      pending.value = "";
    }
  }
  async function control(verb: "pause" | "resume" | "cancel"): Promise<void> {
    if (!log.value) return;
    pending.value = verb;
    try {
      record.value = await controlRun(log.value.runId, verb);
    } finally {
      pending.value = "";
    }
  }

  return {
    log,
    reported,
    record,
    graph,
    pending,
    isLoading,
    runId,
    status,
    isActive,
    progress,
    secondsLeft,
    attach,
    show,
    detach,
    start,
    control,
    take,
  };
});
