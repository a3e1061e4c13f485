/** The scores of the run in view, now or at an earlier training step. */
import { computed, onScopeDispose, ref, watch } from "vue";
import { useDocumentStore } from "../../editor/documentStore";
import { useRunStore } from "../../run/runStore";
import { type ScoreTable, scoredSteps, scoreTable } from "./scoreTable";

/** Milliseconds an evaluation stays while playing. */
const PLAY_INTERVAL = 600;
const NOTHING: ScoreTable = { rows: [], metrics: [] };

export function useScores() {
  const run = useRunStore();
  const documents = useDocumentStore();
  const steps = computed(() => (run.log ? scoredSteps(run.log.data) : []));
  /** Null follows the run. */
  const chosen = ref<number | null>(null);
  const isLive = computed(() => chosen.value === null);
  const step = computed(() => chosen.value ?? steps.value.at(-1) ?? 0);
  const table = computed(() =>
    run.log ? scoreTable(run.log.data, run.graph, documents.library, step.value) : NOTHING,
  );

  const isPlaying = ref(false);
  let timer: ReturnType<typeof setInterval> | undefined;
  function stop(): void {
    isPlaying.value = false;
    clearInterval(timer);
  }
  function follow(): void {
    stop();
    chosen.value = null;
  }
  function goTo(at: number): void {
    stop();
    chosen.value = at;
  }
  function play(): void {
    if (steps.value.length < 2) return;
    stop();
    isPlaying.value = true;
    if (step.value === steps.value.at(-1)) chosen.value = steps.value[0] ?? null;
    timer = setInterval(() => {
      const next = steps.value.find((other) => other > step.value);
      if (next === undefined) stop();
      else chosen.value = next;
    }, PLAY_INTERVAL);
  }
  watch(() => run.runId, follow);
  onScopeDispose(stop);
  return { steps, step, isLive, isPlaying, table, play, stop, follow, goTo };
}
