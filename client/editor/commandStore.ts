/** Every action a person can take, by id. Menus, keys, buttons and tests all call `run(id)`. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { EditRefused } from "../document/editRefused";
import { say } from "../language";
import { useKeyStore } from "../settings/keyBindings";
import type { IconName } from "../theme/icons";
import type { MenuRow } from "../theme/menuItems";
import { isInOverlay, isTyping, keyName, shownKey } from "./keyboard";

const { titles, groups, reasons, gestures } = say.commands;
export type CommandId = keyof typeof titles;
export type CommandGroup = keyof typeof groups;

export interface Command {
  /** `node.delete`, `edit.undo`, ... */
  readonly id: string;
  readonly title: string;
  /** Heading in the shortcut sheet. */
  readonly group: CommandGroup;
  /** Key names ("Mod+Z"); the first is shown. */
  readonly keys?: readonly string[];
  /** Works while typing in a field, too. */
  readonly whileTyping?: boolean;
  canExecute?(): boolean;
  /** Why it cannot be done now, in one sentence; asked only while `canExecute` says no. */
  whyNot?(): string;
  /** Of a switch: whether it is on. */
  isOn?(): boolean;
  run(): void | Promise<void>;
}

/** A command's id with its title. */
export const named = (id: CommandId) => ({ id, title: titles[id] });

export { gestures as POINTER_GESTURES };

export const useCommandStore = defineStore("commands", () => {
  const commands = shallowRef<ReadonlyMap<string, Command>>(new Map());
  const keys = useKeyStore();
  let tellRefusal = (_reason: string): void => {};

  /** Adds commands; returns the function that takes them away. A later command with the same id replaces the earlier. */
  function register(added: readonly Command[]): () => void {
    commands.value = new Map([...commands.value, ...added.map((command) => [command.id, command] as const)]);
    return () => {
      commands.value = new Map([...commands.value].filter(([, command]) => !added.includes(command)));
    };
  }
  const canRun = (id: string): boolean => {
    const command = commands.value.get(id);
    return command !== undefined && (command.canExecute?.() ?? true);
  };
  /** "" while it can be done. */
  function whyNot(id: string): string {
    return canRun(id) ? "" : (commands.value.get(id)?.whyNot?.() ?? reasons.any);
  }
  async function perform(command: Command): Promise<void> {
    try {
      await command.run();
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      tellRefusal(error.message);
    }
  }
  function run(id: string): boolean {
    const command = commands.value.get(id);
    if (!command || !(command.canExecute?.() ?? true)) return false;
    void perform(command);
    return true;
  }
  /** Runs the command of a key press, if there is one; returns whether there was. */
  function handleKey(event: KeyboardEvent): boolean {
    if (event.defaultPrevented) return false;
    const name = keyName(event);
    const elsewhere = isTyping(event.target) || isInOverlay(event.target);
    for (const command of commands.value.values()) {
      if (!keys.keysOf(command).includes(name) || (elsewhere && !command.whileTyping)) continue;
      if (!(command.canExecute?.() ?? true)) continue;
      event.preventDefault();
      void perform(command);
      return true;
    }
    return false;
  }
  const shortcutOf = (id: string): string | undefined => {
    const command = commands.value.get(id);
    const key = command && keys.keysOf(command)[0];
    return key === undefined ? undefined : shownKey(key);
  };
  /** A command as a row of a menu; nothing where it is not known here. */
  function entry(id: string, icon?: IconName): MenuRow | undefined {
    const command = commands.value.get(id);
    if (!command) return undefined;
    const shortcut = shortcutOf(id);
    return {
      id,
      label: command.title,
      disabled: !canRun(id),
      ...(icon && { icon }),
      ...(shortcut !== undefined && { shortcut }),
      ...(command.isOn && { checked: command.isOn() }),
      run: () => void run(id),
    };
  }
  /** For the `?` sheet: groups in the order of registration. */
  const sheet = computed(() => {
    const rowsOf = new Map<CommandGroup, { title: string; keys: string[] }[]>();
    for (const command of commands.value.values()) {
      const own = keys.keysOf(command);
      if (own.length === 0) continue;
      const rows = rowsOf.get(command.group) ?? [];
      rows.push({ title: command.title, keys: own.slice(0, 2).map((key) => shownKey(key)) });
      rowsOf.set(command.group, rows);
    }
    return [...rowsOf].map(([group, rows]) => ({ title: groups[group], rows }));
  });

  /** Who tells people why what a command wanted was refused. */
  const onRefused = (tell: (reason: string) => void): void => {
    tellRefusal = tell;
  };

  return { commands, register, onRefused, canRun, whyNot, run, handleKey, shortcutOf, entry, sheet };
});
