/** Which dialog is open; at most one. */
import type { RunDetail } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { shallowRef } from "vue";

export type DialogName =
  | "gallery"
  | "versions"
  | "share"
  | "data"
  | "about"
  | "search"
  | "settings"
  | "import"
  | "report";

export const useDialogStore = defineStore("dialogs", () => {
  const open = shallowRef<DialogName | null>(null);
  /** A question before unsaved work would leave the screen. */
  const question = shallowRef<{ proceed: () => void } | null>(null);

  /** Running a graph several times: the one on the canvas, or that of an earlier run. */
  const several = shallowRef<{ run: RunDetail | null } | null>(null);

  const show = (name: DialogName): void => {
    open.value = name;
  };
  const close = (): void => {
    open.value = null;
  };
  return { open, question, several, show, close };
});
