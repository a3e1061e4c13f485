import type { IconName } from "./icons";

export interface MenuRow {
  id: string;
  label: string;
  icon?: IconName;
  shortcut?: string;
  disabled?: boolean;
  danger?: boolean;
  checked?: boolean;
  /** A dot of this colour in front. */
  swatch?: string;
  /** A menu of its own that opens beside the row. */
  items?: readonly MenuEntry[];
  run?: () => void;
}

/** One row of a menu; `"separator"` draws a line. */
export type MenuEntry = MenuRow | "separator";
