/** What can be done with a run of the list, given by the editor to the panels under it. */
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { type InjectionKey, inject } from "vue";

export interface RunActions {
  view(run: RunRecord): void;
  useValues(run: RunRecord): void;
  openGraph(run: RunRecord): void;
  /** With other values, or several times. */
  again(run: RunRecord): void;
  continueRun(run: RunRecord): void;
  playground(run: RunRecord): void;
  compare(ids: readonly string[]): void;
  /** Marks on the canvas what `of` (the open graph when absent) has differently from `from`. */
  showDifferences(from: RunRecord, of?: RunRecord): void;
  jump(node: string): void;
}
export const RUN_ACTIONS: InjectionKey<RunActions> = Symbol("run actions");

export function useRunActions(): RunActions {
  const actions = inject(RUN_ACTIONS);
  if (!actions) throw new Error("The panels of runs stand in an editor.");
  return actions;
}
