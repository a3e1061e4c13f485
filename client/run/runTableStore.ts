/** The table of all runs on the server: which are looked for, the pages loaded so far, which are ticked. */
import type { ChangeRun, RunFacets, RunRecord } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { reactive, ref, shallowRef } from "vue";
import { messageOf } from "../api/apiError";
import { changeRun, deleteRun, getRunFacets, listRuns } from "../api/server";

const PAGE = 100;
/** As many as the server gives at once. */
const MOST = 1000;

export const useRunTableStore = defineStore("runTable", () => {
  const filter = reactive({ search: "", status: "" as RunRecord["status"] | "", tag: "", graph: "", starred: false });
  const runs = shallowRef<readonly RunRecord[]>([]);
  const facets = shallowRef<RunFacets>({ graphs: [], tags: [] });
  const hasLoaded = ref(false);
  const hasMore = ref(false);
  const isLoading = ref(false);
  const problem = ref("");
  /** Ticked for comparing, in the order of the ticks. */
  const chosen = ref<readonly string[]>([]);
  /** The run whose details are shown. */
  const opened = ref<string | null>(null);
  /** Only the newest question is answered. */
  let asked = 0;

  const query = () => ({
    search: filter.search.trim() || undefined,
    status: filter.status || undefined,
    tag: filter.tag || undefined,
    graphName: filter.graph || undefined,
    starred: filter.starred ? ("true" as const) : undefined,
  });

  async function load(limit: number, before?: string): Promise<void> {
    const mine = ++asked;
    isLoading.value = true;
    try {
      const page = await listRuns({ ...query(), limit, before });
      if (mine !== asked) return;
      runs.value = before === undefined ? page : [...runs.value, ...page];
      hasMore.value = page.length === limit;
      hasLoaded.value = true;
      problem.value = "";
    } catch (error) {
      if (mine === asked) problem.value = messageOf(error);
    } finally {
      if (mine === asked) isLoading.value = false;
    }
  }
  /** After the filter changed. */
  const search = (): Promise<void> => load(PAGE);
  /** The rows loaded so far as they are now. */
  const refresh = (): Promise<void> => load(Math.min(MOST, Math.max(PAGE, runs.value.length)));
  async function more(): Promise<void> {
    const last = runs.value.at(-1);
    if (last && hasMore.value && !isLoading.value) await load(PAGE, last.id);
  }
  async function refreshFacets(): Promise<void> {
    facets.value = await getRunFacets().catch(() => facets.value);
  }

  /** Writes on a run; shown at once. */
  async function change(id: string, body: ChangeRun): Promise<void> {
    const put = (next: (run: RunRecord) => RunRecord) => {
      runs.value = runs.value.map((run) => (run.id === id ? next(run) : run));
    };
    put((run) => ({ ...run, ...body }));
    const record = await changeRun(id, body);
    put(() => record);
    if (body.tags) await refreshFacets();
  }
  async function remove(ids: readonly string[]): Promise<void> {
    const gone = new Set<string>();
    try {
      for (const id of ids) {
        await deleteRun(id);
        gone.add(id);
      }
    } finally {
      runs.value = runs.value.filter(({ id }) => !gone.has(id));
      chosen.value = chosen.value.filter((id) => !gone.has(id));
      if (opened.value && gone.has(opened.value)) opened.value = null;
      await refreshFacets();
    }
  }

  const tick = (id: string): void => {
    chosen.value = chosen.value.includes(id) ? chosen.value.filter((other) => other !== id) : [...chosen.value, id];
  };

  return {
    filter,
    runs,
    facets,
    hasLoaded,
    hasMore,
    isLoading,
    problem,
    chosen,
    opened,
    search,
    refresh,
    more,
    refreshFacets,
    change,
    remove,
    tick,
  };
});
