/** The settings, once: the dialog shows them, the search finds them. */
import { type OtherWires, useSessionStore } from "../editor/sessionStore";
import type { ThemeMode } from "../theme/themeMode";
import { type Motion, useMotionStore } from "./motionStore";

export interface SettingOption {
  readonly label: string;
  isOn(): boolean;
  choose(): void;
}
export interface Setting {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly options: readonly SettingOption[];
}

export function useSettings(): readonly Setting[] {
  const session = useSessionStore();
  const motion = useMotionStore();
  const options = <T>(get: () => T, set: (value: T) => void, labels: readonly (readonly [T, string])[]) =>
    labels.map(([value, label]) => ({ label, isOn: () => get() === value, choose: () => set(value) }));
  const onOff = (get: () => boolean, set: (on: boolean) => void) =>
    options(get, set, [
      [true, "On"],
      [false, "Off"],
    ]);

  return [
    {
      id: "theme",
      title: "Theme",
      help: "Light, dark, or whatever the system prefers.",
      options: options<ThemeMode>(() => session.themeMode, session.setTheme, [
        ["system", "System"],
        ["light", "Light"],
        ["dark", "Dark"],
      ]),
    },
    {
      id: "motion",
      title: "Motion",
      help: "Reduced: nothing slides or fades, and clips stand still until they are played.",
      options: options<Motion>(() => motion.choice, motion.choose, [
        ["system", "System"],
        ["full", "Full"],
        ["reduced", "Reduced"],
      ]),
    },
    {
      id: "snap",
      title: "Snap to grid",
      help: "Nodes that are moved or added stand on the grid.",
      options: onOff(
        () => session.snapToGrid,
        (on) => {
          session.snapToGrid = on;
        },
      ),
    },
    {
      id: "minimap",
      title: "Minimap",
      help: "The whole graph in the corner of the canvas.",
      options: onOff(
        () => session.panels.minimap,
        (on) => {
          session.panels.minimap = on;
        },
      ),
    },
    {
      id: "wires",
      title: "Other wires",
      help: "What happens to the other wires while a node is selected or pointed at.",
      options: options<OtherWires>(
        () => session.otherWires,
        (value) => {
          session.otherWires = value;
        },
        [
          ["shown", "Shown"],
          ["dimmed", "Dimmed"],
          ["hidden", "Hidden"],
        ],
      ),
    },
  ];
}
