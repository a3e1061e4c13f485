import { describe, expect, it } from "vitest";
import { reactive, ref } from "vue";
import { foldSidePanels, type Room, roomFor } from "./sidePanels";

const ALL = { palette: true, inspector: true, minimap: true };

describe("side panels", () => {
  it("have room at the widths that are promised", () => {
    expect([1440, 1152, 1024, 960, 720, 390].map(roomFor)).toEqual(["both", "both", "one", "one", "none", "none"]);
  });

  it("fold where there is no room and come back with it; what is kept stays as it was wanted", () => {
    const panels = reactive({ ...ALL });
    const room = ref<Room>("one");
    const kept = foldSidePanels(panels, room);
    expect(panels).toEqual({ ...ALL, palette: false });
    room.value = "none";
    expect(Object.values(panels)).toEqual([false, false, false]);
    expect(kept()).toEqual(ALL);
    room.value = "both";
    expect(panels).toEqual(ALL);
    panels.minimap = false;
    room.value = "one";
    expect(kept()).toEqual({ ...ALL, minimap: false });
  });

  it("open one at a time where there is room for one", () => {
    const panels = reactive({ ...ALL });
    foldSidePanels(panels, ref<Room>("one"));
    panels.palette = true;
    expect(panels.inspector).toBe(false);
    panels.inspector = true;
    expect(panels.palette).toBe(false);
  });
});
