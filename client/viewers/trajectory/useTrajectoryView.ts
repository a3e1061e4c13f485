/** What the trajectory viewer shows now: which viewer node, which training step (or live), and what it said then. */
import { computed, ref, watch } from "vue";
import { say } from "../../language";
import { useFrameStore } from "../../run/frameStore";
import type { DataPoint } from "../../run/runLog";
import { useRunStore } from "../../run/runStore";
import { useTimeTravel } from "../useTimeTravel";
import { densitySchema, errorByTimeSchema, groupRows, pathsSchema, read, rowsSchema } from "./viewerData";

export function useTrajectoryView() {
  const run = useRunStore();
  const frames = useFrameStore();

  const viewers = computed(() => {
    const log = run.reported?.log;
    if (!log) return [];
    const ids = [...log.data.keys()].filter((key) => key.endsWith(".rows")).map((key) => key.slice(0, -".rows".length));
    return ids.map((id) => ({
      id,
      title: run.graph?.nodes.find((node) => node.id === id)?.title ?? say.trajectory.viewer,
    }));
  });
  const chosenViewer = ref<string | null>(null);
  const viewer = computed(() => {
    const ids = viewers.value.map(({ id }) => id);
    return chosenViewer.value && ids.includes(chosenViewer.value) ? chosenViewer.value : (ids[0] ?? null);
  });

  /** Training steps that can be looked at. */
  const steps = computed<readonly number[]>(() => {
    void frames.version;
    const id = viewer.value;
    if (!id) return [];
    const shown = frames.index.steps(id);
    if (shown.length > 0) return [...shown];
    return (run.reported?.log.data.get(`${id}.rows`) ?? []).map((point) => point.step);
  });
  const travel = useTimeTravel(() => steps.value);
  const { step } = travel;

  const said = (name: string) =>
    viewer.value ? run.reported?.log.dataAt(viewer.value, name, step.value)?.value : undefined;
  const groups = computed(() => groupRows(read(rowsSchema, said("rows")) ?? []));
  const paths = computed(() => read(pathsSchema, said("paths")));
  // The data set does not change while a run goes on: parse it once per run.
  const density = computed(() => {
    const point = viewer.value ? run.reported?.log.data.get(`${viewer.value}.density`)?.[0] : undefined;
    return point ? cachedDensity(point) : [];
  });
  const errors = (pointOf: (points: readonly DataPoint[]) => DataPoint | undefined) =>
    [...(run.reported?.log.data ?? [])].flatMap(([key, points]) =>
      key.endsWith(".errorByTime") ? (read(errorByTimeSchema, pointOf(points)?.value) ?? []) : [],
    );
  const errorByTime = computed(() => errors((points) => points.findLast((point) => point.step <= step.value)));
  /** The same before training, for comparison. */
  const firstErrorByTime = computed(() => errors(([first]) => first));

  watch(() => run.runId, travel.follow);

  return {
    viewers,
    viewer,
    chosenViewer,
    travel,
    groups,
    paths,
    density,
    errorByTime,
    firstErrorByTime,
  };
}

let lastDensity: { point: object; density: [number, number][] } | null = null;
function cachedDensity(point: { value: unknown }): [number, number][] {
  if (lastDensity?.point !== point) lastDensity = { point, density: read(densitySchema, point.value) ?? [] };
  return lastDensity.density;
}
