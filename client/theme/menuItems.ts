import type { IconName } from "./icons";

/** One row of a menu; `"separator"` draws a line. */
export type MenuEntry =
  | {
      id: string;
      label: string;
      icon?: IconName;
      shortcut?: string;
      disabled?: boolean;
      danger?: boolean;
      checked?: boolean;
      run: () => void;
    }
  | "separator";
