/** Size and tab of the panels under the canvas; remembered in this browser. */
import { defineStore } from "pinia";
import { ref, watch } from "vue";
import { z } from "zod";
import { say } from "../language";
import type { IconName } from "../theme/icons";

export type DockTab =
  | "trajectories"
  | "curves"
  | "evaluation"
  | "wire"
  | "queue"
  | "runs"
  | "issues"
  | "log"
  | "profile";
const tab = (id: DockTab, icon: IconName) => ({ id, label: say.panels.dock.tabs[id], icon });
export const DOCK_TABS: readonly { id: DockTab; label: string; icon: IconName }[] = [
  tab("trajectories", "wave"),
  tab("curves", "chart"),
  tab("evaluation", "target"),
  tab("wire", "tap"),
  tab("queue", "queue"),
  tab("runs", "history"),
  tab("issues", "warning"),
  tab("log", "file"),
  tab("profile", "clock"),
];

const KEY = "distillery.dock";
const storedSchema = z.object({ height: z.number().min(140).max(1600), isFolded: z.boolean() });

function stored(): z.infer<typeof storedSchema> {
  try {
    return storedSchema.parse(JSON.parse(localStorage.getItem(KEY) ?? ""));
  } catch {
    return { height: Math.round(Math.min(440, Math.max(280, innerHeight * 0.35))), isFolded: true };
  }
}

export const useDockStore = defineStore("dock", () => {
  const { height: firstHeight, isFolded: firstFolded } = stored();
  const tab = ref<DockTab>("trajectories");
  const height = ref(firstHeight);
  const isFolded = ref(firstFolded);
  const isLarge = ref(false);

  function show(next: DockTab): void {
    tab.value = next;
    isFolded.value = false;
  }
  /** How often a panel was asked for by its name: it gets the focus, so that the keys go on in it. */
  const asked = ref(0);
  function ask(next: DockTab): void {
    show(next);
    asked.value++;
  }
  function toggle(): void {
    isFolded.value = !isFolded.value;
    isLarge.value = false;
  }
  function setHeight(next: number): void {
    height.value = Math.round(Math.min(Math.max(next, 140), innerHeight * 0.75));
  }
  watch([height, isFolded], () =>
    localStorage.setItem(KEY, JSON.stringify({ height: height.value, isFolded: isFolded.value })),
  );
  return { tab, height, isFolded, isLarge, asked, show, ask, toggle, setHeight };
});
