/** Findings and the run in view as the open sheet shows them: an instance tells of everything inside. */
import type { Issue } from "@distillery/shared/graph/document";
import { computed } from "vue";
import { IDLE, type NodeRunState } from "../canvas/nodeRunState";
import { useDocumentStore } from "./documentStore";
import { useFlatStore } from "./flatStore";

export interface FlatLive {
  /** All of these speak of nodes of the flat graph. */
  readonly issues?: readonly Issue[] | undefined;
  readonly runStateFor?: ((node: string) => NodeRunState) | undefined;
  readonly thumbnailFor?: ((node: string) => ImageBitmap | null) | undefined;
}

/** The state that says most about several nodes. */
const TELLING: readonly NodeRunState["status"][] = ["error", "running", "done", "idle"];

export function useSheetLive(given: FlatLive) {
  const documents = useDocumentStore();
  const flat = useFlatStore();
  const summaries = new Map<string, NodeRunState>();

  /** The same object as long as nothing changed, so that the card need not be drawn again. */
  function summaryOf(node: string, states: readonly NodeRunState[]): NodeRunState {
    const status = TELLING.find((each) => states.some((state) => state.status === each)) ?? "idle";
    const ms = states.reduce((sum, state) => sum + (state.ms ?? 0), 0);
    const message = states.find((state) => state.status === status)?.message;
    const hot = states.flatMap(({ heat }) => heat ?? []);
    const heat = hot.length === 0 ? undefined : hot.reduce((sum, each) => sum + each, 0);
    const known = summaries.get(node);
    if (known?.status === status && known.ms === ms && known.message === message && known.heat === heat) return known;
    const made = { status, ms, ...(message !== undefined && { message }), ...(heat !== undefined && { heat }) };
    summaries.set(node, made);
    return made;
  }
  const stateOf = (id: string) => given.runStateFor?.(id) ?? IDLE;
  /** Inside a subgraph only viewers speak for the whole. */
  const isViewer = (id: string) => documents.library.get(flat.typeOf(id))?.family === "inspect";

  const issues = computed(() => (given.issues ?? []).flatMap(flat.issueHere));

  return {
    issues,
    /** Of a node with an error or warning that is inside it: the inner node, in the flat graph. */
    faultIn(node: string): string | undefined {
      const failed = flat.nodesIn(node).find((id) => stateOf(id).status === "error");
      const own = issues.value.filter((issue) => issue.node === node);
      const worst = own.find(({ severity }) => severity === "error") ?? own[0];
      return failed ?? (worst && flat.originOf(worst));
    },
    runStateFor(node: string): NodeRunState {
      const inner = flat.nodesIn(node);
      return inner.length === 0 ? stateOf(flat.idOf(node)) : summaryOf(flat.idOf(node), inner.map(stateOf));
    },
    thumbnailFor(node: string): ImageBitmap | null {
      const inner = flat.nodesIn(node);
      if (inner.length === 0) return given.thumbnailFor?.(flat.idOf(node)) ?? null;
      for (const id of inner) {
        const picture = isViewer(id) ? given.thumbnailFor?.(id) : null;
        if (picture) return picture;
      }
      return null;
    },
  };
}
