/** Paths of picture trajectories in the plane of their principal components, in the form in which 2-D paths are drawn. */
import { onScopeDispose, shallowRef, watch } from "vue";
import { messageOf } from "../../api/apiError";
import { say } from "../../language";
import { useFrameStore } from "../../run/frameStore";
import { principalComponents } from "./pca";
import type { Paths, RowGroup } from "./viewerData";

export interface ComponentPaths {
  readonly paths: Paths;
  readonly explained: readonly [number, number];
}
/** Samples whose paths are drawn: components of more states take long. */
export const MAX_SAMPLES = 8;

/** `shown` is null while nobody looks. Values stay until newer ones are computed. */
export function useComponents(shown: () => { viewer: string; group: RowGroup; step: number; samples: number } | null) {
  const frames = useFrameStore();
  const found = shallowRef<ComponentPaths | null>(null);
  const problem = shallowRef("");
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
      problem.value = "";
      const look = shown();
      if (!look || key === "") {
        found.value = null;
        return;
      }
      const { viewer, group, step } = look;
      const rows = group.rows.filter(({ socket }) => !socket.startsWith("difference"));
      const samples = Math.min(look.samples, MAX_SAMPLES);
      const states = Promise.all(
        rows.flatMap(({ socket, timesteps }) =>
          Array.from({ length: samples }, (_, row) => row).flatMap((row) =>
            timesteps.map((_, column) => {
              const frame = frames.at({ node: viewer, socket, row, column }, step);
              return frame ? frames.loadValues(frame.seq) : Promise.reject(new Error(say.trajectory.incomplete));
            }),
          ),
        ),
      );
      const computed = await states
        .then((all) => principalComponents(all, () => new Promise((resolve) => setTimeout(resolve))))
        .catch((error: unknown) => {
          if (wanted === key) problem.value = messageOf(error);
        });
      if (!computed || wanted !== key) return;
      const { places, explained } = computed;
      let next = 0;
      const [teacher, ...students] = rows.map(({ title, nfe, timesteps }) => ({
        title,
        nfe,
        curves: Array.from({ length: samples }, () =>
          timesteps.map((): [number, number] => {
            const [x, y] = places[next++] ?? [0, 0];
            return [x, y];
          }),
        ),
      }));
      if (teacher) found.value = { paths: { teacher, students }, explained };
    },
    { immediate: true },
  );
  return { found, problem };
}
