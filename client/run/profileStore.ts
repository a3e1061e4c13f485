/** The newest profile of the run in view, and whether the canvas is coloured by it. */
import { byNetwork, byNode, PROFILE, profileSchema } from "@distillery/shared/profile/profile";
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { useRunStore } from "./runStore";

export const useProfileStore = defineStore("profile", () => {
  const run = useRunStore();
  const isHeatShown = ref(true);
  /** Run whose steps are to be measured, and its last event before that was asked for. */
  const asked = ref<{ runId: string; after: number } | null>(null);

  const newest = computed(() => {
    const points = [...(run.reported?.log.data ?? [])].flatMap(([key, all]) =>
      key.endsWith(`.${PROFILE}`) ? all.slice(-1) : [],
    );
    const point = points.sort((a, b) => a.seq - b.seq).at(-1);
    const { data } = profileSchema.safeParse(point?.value);
    return point && data ? { seq: point.seq, step: point.step, profile: data } : null;
  });
  const profile = computed(() => newest.value?.profile ?? null);
  const isMeasuring = computed(
    () =>
      asked.value !== null &&
      asked.value.runId === run.runId &&
      run.isActive &&
      (newest.value?.seq ?? 0) <= asked.value.after,
  );
  /** The run in view has been asked for a profile; a fresh one from its beginning. */
  function expect(isFresh: boolean): void {
    asked.value = run.runId ? { runId: run.runId, after: isFresh ? 0 : (run.log?.lastSeq ?? 0) } : null;
  }

  /** Shares of the step, by node; a network's is that of all who apply it. */
  const shares = computed(() => {
    const found = new Map<string, number>();
    if (!profile.value) return found;
    for (const { node, share } of [...byNetwork(profile.value), ...byNode(profile.value)])
      found.set(node, Math.max(share, found.get(node) ?? 0));
    return found;
  });
  /** Share 0..1 of a node; undefined while no heat is shown or it takes no part. */
  const heatOf = (node: string): number | undefined => (isHeatShown.value ? shares.value.get(node) : undefined);
  return { newest, profile, isHeatShown, isMeasuring, expect, heatOf };
});
