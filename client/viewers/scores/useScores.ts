/** The scores of the run in view, now or at an earlier training step. */
import { computed, watch } from "vue";
import { useDocumentStore } from "../../editor/documentStore";
import { useRunStore } from "../../run/runStore";
import { useTimeTravel } from "../useTimeTravel";
import { type ScoreTable, scoredSteps, scoreTable } from "./scoreTable";

/** Milliseconds an evaluation stays while playing: there is more to read than to see. */
const PLAY_INTERVAL = 600;
const NOTHING: ScoreTable = { rows: [], metrics: [] };

export function useScores() {
  const run = useRunStore();
  const documents = useDocumentStore();
  const steps = computed(() => (run.reported ? scoredSteps(run.reported.log.data) : []));
  const travel = useTimeTravel(() => steps.value, PLAY_INTERVAL);
  const table = computed(() =>
    run.reported ? scoreTable(run.reported.log.data, run.graph, documents.library, travel.step.value) : NOTHING,
  );
  watch(() => run.runId, travel.follow);
  return { steps, travel, table };
}
