/** What the menu under the right mouse button offers, made of commands. */

import { say } from "../language";
import type { IconName } from "../theme/icons";
import type { MenuEntry } from "../theme/menuItems";
import { COLORS } from "./colors";
import type { useCommandStore } from "./commandStore";

/** What was clicked on; a node or a frame stands for the whole selection. */
export type MenuPlace = "canvas" | "node" | "frame" | "wire" | "point";

type Line = string | readonly [id: string, icon: IconName] | { title: string; icon: IconName; lines: readonly Line[] };

const ALIGN: Line = {
  title: say.editor.menu.align,
  icon: "align-left",
  lines: [
    ...["left", "centre", "right"].map((how) => `align.${how}`),
    "separator",
    ...["top", "middle", "bottom"].map((how) => `align.${how}`),
    "separator",
    ["distribute.x", "distribute-x"],
    ["distribute.y", "distribute-y"],
  ],
};
const COLOR: Line = {
  title: say.editor.menu.color,
  icon: "brush",
  lines: COLORS.map(([name]) => `node.color.${name}`),
};
const CLIPBOARD: readonly Line[] = [
  ["edit.cut", "cut"],
  ["edit.copy", "copy"],
  ["edit.paste", "paste"],
  ["edit.duplicate", "duplicate"],
];

const LINES: Readonly<Record<MenuPlace, readonly Line[]>> = {
  canvas: [
    ["node.add", "plus"],
    ["note.add", "edit"],
    ["frame.add", "frame"],
    "separator",
    ["edit.paste", "paste"],
    "edit.selectAll",
    "separator",
    ["edit.undo", "undo"],
    ["edit.redo", "redo"],
    ["view.history", "history"],
    "separator",
    ["layout.auto", "layout"],
    "view.snap",
    "view.otherWires",
    ["view.fit", "fit"],
  ],
  node: [
    ...CLIPBOARD,
    "separator",
    ["node.mute", "mute"],
    ["node.bypass", "bypass"],
    ["node.collapse", "collapse"],
    ["node.pin", "pin"],
    COLOR,
    "separator",
    ["subgraph.open", "external"],
    ["subgraph.fold", "layers"],
    ["subgraph.unfold", "unfold"],
    ["frame.add", "frame"],
    ALIGN,
    ["layout.auto", "layout"],
    "separator",
    ["edit.delete", "trash"],
  ],
  frame: [...CLIPBOARD, "separator", COLOR, "separator", ["edit.delete", "trash"]],
  wire: [
    ["wire.insert", "plus"],
    ["wire.point", "target"],
    "wire.straighten",
    "separator",
    "view.otherWires",
    "separator",
    ["edit.delete", "trash"],
  ],
  point: [["edit.delete", "trash"], "wire.straighten"],
};

export function contextMenu(commands: ReturnType<typeof useCommandStore>, place: MenuPlace): MenuEntry[] {
  const entriesOf = (lines: readonly Line[]): MenuEntry[] =>
    lines.flatMap((line): MenuEntry[] => {
      if (line === "separator") return [line];
      if (typeof line === "object" && "lines" in line) {
        const items = entriesOf(line.lines);
        const disabled = items.every((item) => item === "separator" || item.disabled);
        return [{ id: line.title, label: line.title, icon: line.icon, items, disabled }];
      }
      const [id, icon] = typeof line === "string" ? [line] : line;
      const entry = commands.entry(id, icon);
      const color = COLORS.find(([name]) => id === `node.color.${name}`)?.[1];
      return entry ? [{ ...entry, danger: id === "edit.delete", ...(color && { swatch: color }) }] : [];
    });
  return entriesOf(LINES[place]);
}
