/** Key names of commands: "Mod+Shift+Z", where Mod is Ctrl, or Cmd on a Mac. */
const isMac = (): boolean => typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The key press as a key name; shift is left out for characters that are typed with it ("?"). */
export function keyName(press: KeyPress, mac = isMac()): string {
  const key = press.key === " " ? "Space" : press.key.length === 1 ? press.key.toUpperCase() : press.key;
  const isSymbol = key.length === 1 && key.toLowerCase() === key.toUpperCase() && !/[0-9]/.test(key);
  const parts = [
    (mac ? press.metaKey : press.ctrlKey) ? "Mod" : "",
    (mac ? press.ctrlKey : press.metaKey) ? "Meta" : "",
    press.altKey ? "Alt" : "",
    press.shiftKey && !isSymbol ? "Shift" : "",
    key,
  ];
  return parts.filter((part) => part !== "").join("+");
}

/** How a key name is shown to people on this machine. */
export function shownKey(name: string, mac = isMac()): string {
  const symbols: Record<string, string> = mac
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Delete: "⌦", Backspace: "⌫", Enter: "↩", Escape: "esc" }
    : { Mod: "Ctrl", Escape: "Esc", Delete: "Del" };
  const arrows: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
  const parts = name.split(/\+(?!$)/).map((part) => symbols[part] ?? arrows[part] ?? part);
  return parts.join(mac ? "" : "+");
}

/** Whether the person is typing text, so that plain keys belong to the text. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button"].includes(target.type)));

/** Whether keys belong to an open dialog or menu. */
export const isInOverlay = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("[role=dialog], [role=alertdialog], [role=menu]") !== null;
