/** The settings, once: the dialog shows them, the search finds them. */

import { type OtherWires, useSessionStore } from "../editor/sessionStore";
import { chooseLanguage, type LanguageChoice, languageChoice, languageNames, say } from "../language";
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
  const words = say.settings;
  const session = useSessionStore();
  const motion = useMotionStore();
  const options = <T>(get: () => T, set: (value: T) => void, labels: readonly (readonly [T, string])[]) =>
    labels.map(([value, label]) => ({ label, isOn: () => get() === value, choose: () => set(value) }));
  const onOff = (get: () => boolean, set: (on: boolean) => void) =>
    options(get, set, [
      [true, words.on],
      [false, words.off],
    ]);

  return [
    {
      id: "language",
      ...words.language,
      options: options<LanguageChoice>(languageChoice, chooseLanguage, [["system", words.system], ...languageNames]),
    },
    {
      id: "theme",
      ...words.theme,
      options: options<ThemeMode>(() => session.themeMode, session.setTheme, [
        ["system", words.system],
        ["light", words.theme.light],
        ["dark", words.theme.dark],
      ]),
    },
    {
      id: "motion",
      ...words.motion,
      options: options<Motion>(() => motion.choice, motion.choose, [
        ["system", words.system],
        ["full", words.motion.full],
        ["reduced", words.motion.reduced],
      ]),
    },
    {
      id: "snap",
      ...words.snap,
      options: onOff(
        () => session.snapToGrid,
        (on) => {
          session.snapToGrid = on;
        },
      ),
    },
    {
      id: "minimap",
      ...words.minimap,
      options: onOff(
        () => session.panels.minimap,
        (on) => {
          session.panels.minimap = on;
        },
      ),
    },
    {
      id: "wires",
      ...words.wires,
      options: options<OtherWires>(
        () => session.otherWires,
        (value) => {
          session.otherWires = value;
        },
        [
          ["shown", words.wires.shown],
          ["dimmed", words.wires.dimmed],
          ["hidden", words.wires.hidden],
        ],
      ),
    },
  ];
}
