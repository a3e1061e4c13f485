/** Paths of picture trajectories in the plane of their principal components, in the form in which 2-D paths are drawn. */
import { onScopeDispose, shallowRef, watch } from "vue";
import { useFrameStore } from "../../run/frameStore";
import { principalComponents } from "./pca";
import type { Paths, RowGroup } from "./viewerData";

export interface ComponentPaths {
  readonly paths: Paths;
  readonly explained: readonly [number, number];
  /** What the components were taken of, to tell when they are new ones. */
  readonly key: string;
}
/** Samples whose paths are drawn: components of more states take long. */
export const MAX_SAMPLES = 8;

/** `shown` is null while nobody looks. Values stay until newer ones are computed. */
export function useComponents(shown: () => { viewer: string; group: RowGroup; step: number; samples: number } | null) {
  const frames = useFrameStore();
  const found = shallowRef<ComponentPaths | null>(null);
  let wanted = "";
  onScopeDispose(() => {
    wanted = "";
  });

  watch(
    () => {
      const look = shown();
      if (!look) return "";
      void frames.version;
      // Pictures of a step come one after another; its last one completes it.
      const last = look.group.rows.at(-1);
      const place = { node: look.viewer, socket: last?.socket ?? "", row: look.samples - 1 };
      const isWhole = frames.at({ ...place, column: (last?.timesteps.length ?? 1) - 1 }, look.step)?.step === look.step;
      return `${frames.runId}|${look.viewer}|${look.group.place}|${look.step}|${look.samples}|${isWhole}`;
    },
    async (key) => {
      wanted = key;
      const look = shown();
      if (!look || key === "") {
        found.value = null;
        return;
      }
      const { viewer, group, step } = look;
      const rows = group.rows.filter(({ socket }) => !socket.startsWith("difference"));
      const samples = Math.min(look.samples, MAX_SAMPLES);
      const states = await Promise.all(
        rows.flatMap(({ socket, timesteps }) =>
          Array.from({ length: samples }, (_, row) => row).flatMap((row) =>
            timesteps.map((_, column) => {
              const frame = frames.at({ node: viewer, socket, row, column }, step);
              return frame ? frames.loadValues(frame.seq) : Promise.reject(new Error("A state is missing."));
            }),
          ),
        ),
      ).catch(() => null);
      if (!states || wanted !== key) return;
      const { places, explained } = await principalComponents(
        states,
        () => new Promise((resolve) => setTimeout(resolve)),
      );
      if (wanted !== key) return;
      let next = 0;
      const [teacher, ...students] = rows.map(({ title, nfe, timesteps }) => ({
        title,
        nfe,
        curves: Array.from({ length: samples }, () =>
          timesteps.map((): [number, number] => [...(places[next++] ?? [0, 0])] as [number, number]),
        ),
      }));
      if (teacher) found.value = { paths: { teacher, students }, explained, key };
    },
    { immediate: true },
  );
  return found;
}
