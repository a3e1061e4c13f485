/** Keeps what a person has set for the canvas in this browser; call once when the app starts. */
import { watch } from "vue";
import { z } from "zod";
import { OTHER_WIRES, useSessionStore } from "../editor/sessionStore";
import { readKept, writeKept } from "./kept";
import { foldSidePanels, useRoom } from "./sidePanels";

const schema = z.object({
  snapToGrid: z.boolean(),
  minimap: z.boolean(),
  palette: z.boolean(),
  inspector: z.boolean(),
  otherWires: z.enum(OTHER_WIRES),
});

export function keepSession(): void {
  const session = useSessionStore();
  const { minimap, palette, inspector } = session.panels;
  const usual = { snapToGrid: session.snapToGrid, otherWires: session.otherWires, minimap, palette, inspector };
  const { snapToGrid, otherWires, ...panels } = readKept("canvas", schema, usual);
  Object.assign(session.panels, panels);
  session.snapToGrid = snapToGrid;
  session.otherWires = otherWires;
  const sides = foldSidePanels(session.panels, useRoom());
  watch(
    (): z.infer<typeof schema> => ({ snapToGrid: session.snapToGrid, otherWires: session.otherWires, ...sides() }),
    (kept) => writeKept("canvas", kept),
  );
}
