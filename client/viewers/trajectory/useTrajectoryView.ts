/** What the trajectory viewer shows now: which viewer node, which training step (or live), and what it said then. */
import { computed, ref, watch } from "vue";
import { useFrameStore } from "../../run/frameStore";
import type { RunLog } from "../../run/runLog";
import { useRunStore } from "../../run/runStore";
import { useTimeTravel } from "../useTimeTravel";
import { densitySchema, errorByTimeSchema, groupRows, pathsSchema, read, rowsSchema } from "./viewerData";

export function useTrajectoryView() {
  const run = useRunStore();
  const frames = useFrameStore();

  const viewers = computed(() => {
    const log = run.log;
    if (!log) return [];
    const ids = [...log.data.keys()].filter((key) => key.endsWith(".rows")).map((key) => key.slice(0, -".rows".length));
    return ids.map((id) => ({
      id,
      title: run.graph?.nodes.find((node) => node.id === id)?.title ?? "Trajectory viewer",
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
    return (run.log?.data.get(`${id}.rows`) ?? []).map((point) => point.step);
  });
  const travel = useTimeTravel(() => steps.value);
  const { step } = travel;

  // Events come many times a second and mostly say nothing new here: what was said is compared before it is read.
  const said = (name: string) =>
    computed(() => (viewer.value ? run.log?.dataAt(viewer.value, name, step.value)?.value : undefined));
  const [saidRows, saidPaths] = [said("rows"), said("paths")];
  const groups = computed(() => groupRows(read(rowsSchema, saidRows.value) ?? []));
  const paths = computed(() => read(pathsSchema, saidPaths.value));
  // The data set does not change while a run goes on: parse it once per run.
  const density = computed(() => {
    const point = viewer.value ? run.log?.data.get(`${viewer.value}.density`)?.[0] : undefined;
    return point ? cachedDensity(point) : [];
  });
  const errorKeys = (log: RunLog) => [...log.data.keys()].filter((key) => key.endsWith(".errorByTime"));
  const saidErrors = computed((before?: readonly unknown[]) => {
    const log = run.log;
    const nodes = log ? errorKeys(log).map((key) => key.slice(0, key.lastIndexOf("."))) : [];
    return unlessSame(
      before,
      nodes.map((node) => log?.dataAt(node, "errorByTime", step.value)?.value),
    );
  });
  const errorByTime = computed(() => saidErrors.value.flatMap((value) => read(errorByTimeSchema, value) ?? []));
  /** The same before training, for comparison. */
  const saidFirst = computed((before?: readonly unknown[]) => {
    const log = run.log;
    return unlessSame(before, log ? errorKeys(log).map((key) => log.data.get(key)?.[0]?.value) : []);
  });
  const firstErrorByTime = computed(() => saidFirst.value.flatMap((value) => read(errorByTimeSchema, value) ?? []));

  watch(() => run.runId, travel.follow);

  return {
    viewers,
    viewer,
    chosenViewer,
    steps,
    ...travel,
    groups,
    paths,
    density,
    errorByTime,
    firstErrorByTime,
  };
}

const unlessSame = (before: readonly unknown[] | undefined, now: readonly unknown[]): readonly unknown[] =>
  before?.length === now.length && now.every((each, i) => each === before[i]) ? before : now;

let lastDensity: { point: object; density: [number, number][] } | null = null;
function cachedDensity(point: { value: unknown }): [number, number][] {
  if (lastDensity?.point !== point) lastDensity = { point, density: read(densitySchema, point.value) ?? [] };
  return lastDensity.density;
}
