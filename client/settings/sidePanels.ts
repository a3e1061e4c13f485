/** Side panels fold by themselves where the window leaves no room, and come back with it. */
import { type Ref, ref, watch } from "vue";

export interface SidePanels {
  palette: boolean;
  inspector: boolean;
  minimap: boolean;
}
/** How many of the two sides the window has room for. */
export type Room = "both" | "one" | "none";

/** `EditorView.vue` lays the sides over the graph below the second. */
export const roomFor = (width: number): Room => (width >= 1100 ? "both" : width >= 800 ? "one" : "none");

export function useRoom(): Ref<Room> {
  const room = ref(roomFor(innerWidth));
  addEventListener("resize", () => {
    room.value = roomFor(innerWidth);
  });
  return room;
}

/** Returns what is wanted where there is room: only that is worth keeping. */
export function foldSidePanels(panels: SidePanels, room: Readonly<Ref<Room>>): () => SidePanels {
  const shown = (): SidePanels => ({ palette: panels.palette, inspector: panels.inspector, minimap: panels.minimap });
  let wanted = shown();
  watch(
    room,
    (now, before) => {
      if (before === "both") wanted = shown();
      const { inspector, minimap } = wanted;
      if (now === "both") Object.assign(panels, wanted);
      else if (now === "one") Object.assign(panels, { palette: false, inspector, minimap });
      else Object.assign(panels, { palette: false, inspector: false, minimap: false });
    },
    { immediate: true, flush: "sync" },
  );
  const yields = (opened: "palette" | "inspector", other: "palette" | "inspector") =>
    watch(
      () => panels[opened],
      (isOpen) => {
        if (isOpen && room.value !== "both") panels[other] = false;
      },
      { flush: "sync" },
    );
  yields("palette", "inspector");
  yields("inspector", "palette");
  return () => (room.value === "both" ? shown() : wanted);
}
