/** Keys of commands that a person has changed; the rest keep their own. Kept in this browser. */
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { z } from "zod";
import { readKept, writeKept } from "./kept";

const NAME = "keys";
const schema = z.record(z.string(), z.array(z.string()));
type Changed = z.infer<typeof schema>;

/** What the canvas does with plain keys, whatever commands there are. */
const CANVAS_KEYS: Readonly<Record<string, string>> = {
  ArrowLeft: "walking along the wires",
  ArrowRight: "walking along the wires",
  ArrowUp: "walking along the wires",
  ArrowDown: "walking along the wires",
  "Alt+ArrowLeft": "moving the selection",
  "Alt+ArrowRight": "moving the selection",
  "Alt+ArrowUp": "moving the selection",
  "Alt+ArrowDown": "moving the selection",
  Tab: "adding a node",
  Space: "adding a node",
  Enter: "opening the inspector",
  C: "connecting the chosen node",
};
/** Most browsers take these before a page sees them. */
const BROWSER_KEYS = new Set([
  "Mod+T",
  "Mod+N",
  "Mod+W",
  "Mod+Shift+T",
  "Mod+Shift+N",
  "Mod+Shift+W",
  "Mod+Q",
  "F11",
  "F12",
]);

interface WithKeys {
  readonly id: string;
  readonly title: string;
  readonly keys?: readonly string[];
}

export const useKeyStore = defineStore("keys", () => {
  const changed = shallowRef<Changed>(readKept(NAME, schema, {}));

  function keep(next: Changed): void {
    changed.value = next;
    writeKept(NAME, next);
  }
  const keysOf = ({ id, keys = [] }: Omit<WithKeys, "title">): readonly string[] => changed.value[id] ?? keys;

  /** Gives a command one key, or none. */
  function set(id: string, key: string | null): void {
    keep({ ...changed.value, [id]: key === null ? [] : [key] });
  }
  function reset(id: string): void {
    const { [id]: _, ...others } = changed.value;
    keep(others);
  }
  /** Takes a key away from a command, which keeps its others. */
  function take(command: WithKeys, key: string): void {
    keep({ ...changed.value, [command.id]: keysOf(command).filter((other) => other !== key) });
  }

  /** Other commands with this key. Those that share it with this one by design are none. */
  const conflicts = <C extends WithKeys>(commands: Iterable<C>, command: WithKeys, key: string): C[] => {
    const isShared = (other: WithKeys) => command.keys?.includes(key) && other.keys?.includes(key);
    return [...commands].filter((other) => other.id !== command.id && keysOf(other).includes(key) && !isShared(other));
  };
  /** Why a key would not arrive, in one sentence; "" when it would. */
  function obstacle(key: string): string {
    if (BROWSER_KEYS.has(key)) return "Most browsers keep this key for themselves.";
    const use = CANVAS_KEYS[key];
    return use ? `On the canvas this key is for ${use}.` : "";
  }
  return {
    changed,
    keysOf,
    set,
    reset,
    take,
    conflicts,
    obstacle,
    resetAll: () => keep({}),
  };
});
