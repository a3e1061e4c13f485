/** What of the trajectories can be saved: the sheet, the training as a film, the numbers. */
import { computed, ref } from "vue";
import { messageOf } from "../../api/apiError";
import { download } from "../../api/download";
import { say } from "../../language";
import { useFrameStore } from "../../run/frameStore";
import type { MenuRow } from "../../theme/menuItems";
import { sheetPicture } from "../export/sheetPicture";
import { type ExportedState, statesCsv, statesNpy } from "../export/trajectoryNumbers";
import { cssColor } from "../theme";
import type { RowGroup } from "./viewerData";

const words = say.trajectory.exports;

interface Sheet {
  readonly viewer: string;
  readonly groups: readonly RowGroup[];
  readonly sample: number;
  readonly step: number;
  readonly element: Element | null;
}

export function useSheetExport(sheet: () => Sheet | null) {
  const frames = useFrameStore();
  const isBusy = ref(false);
  const problem = ref("");

  const name = ({ step, sample }: Sheet, ending: string) => `trajectories-step${step}-sample${sample + 1}.${ending}`;

  /** In the order of the paths, then of their times. */
  function statesOf({ viewer, groups, sample, step }: Sheet): Promise<ExportedState[]> {
    return Promise.all(
      groups.flatMap(({ rows }) =>
        rows.flatMap(({ socket, timesteps }) =>
          timesteps.map(async (t, column): Promise<ExportedState> => {
            const frame = frames.at({ node: viewer, socket, row: sample, column }, step);
            if (!frame) throw new Error(words.missing(socket, t));
            return { row: socket, t, shape: frame.shape, values: await frames.loadValues(frame.seq) };
          }),
        ),
      ),
    );
  }

  const save = (make: (shown: Sheet) => Promise<{ blob: Blob; ending: string }>) => async () => {
    const shown = sheet();
    if (!shown || isBusy.value) return;
    isBusy.value = true;
    problem.value = "";
    try {
      const { blob, ending } = await make(shown);
      download(blob, name(shown, ending));
    } catch (error) {
      problem.value = messageOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  const film = (format: "webp" | "gif") =>
    save(async ({ viewer, sample }) => {
      const make = frames.source?.film;
      if (!make) throw new Error(say.run.noneInView);
      return { blob: await make(viewer, sample, format), ending: format };
    });
  const films: readonly MenuRow[] = [
    { id: "webp", label: words.webp, icon: "play", run: film("webp") },
    { id: "gif", label: words.gif, icon: "play", run: film("gif") },
  ];

  const items = computed<MenuRow[]>(() => [
    {
      id: "png",
      label: words.png,
      icon: "image",
      run: save(async ({ element }) => {
        if (!element) throw new Error(words.offScreen);
        const colors = { ground: cssColor("--surface"), text: cssColor("--text"), soft: cssColor("--text-3") };
        return { blob: await sheetPicture(element, colors), ending: "png" };
      }),
    },
    ...(frames.source?.film ? films : []),
    {
      id: "csv",
      label: words.csv,
      icon: "file",
      run: save(async (shown) => {
        const text = statesCsv(await statesOf(shown), shown.sample);
        return { blob: new Blob([text], { type: "text/csv" }), ending: "csv" };
      }),
    },
    {
      id: "npy",
      label: words.npy,
      icon: "file",
      run: save(async (shown) => {
        // Students may stop at different times; the first one is saved.
        const bytes = statesNpy(await statesOf({ ...shown, groups: shown.groups.slice(0, 1) }));
        return { blob: new Blob([bytes]), ending: "npy" };
      }),
    },
  ]);
  return { items, isBusy, problem };
}
