const none = "set a key";

export const settings = {
  title: "Settings",
  description: "Kept in this browser.",
  system: "System",
  on: "On",
  off: "Off",
  language: {
    title: "Language",
    help: "Of the editor; changing it loads the page again. Nodes, their help and what the server says are in English.",
  },
  theme: { title: "Theme", help: "Light, dark, or whatever the system prefers.", light: "Light", dark: "Dark" },
  motion: {
    title: "Motion",
    help: "Reduced: nothing slides or fades, and clips stand still until they are played.",
    full: "Full",
    reduced: "Reduced",
  },
  snap: { title: "Snap to grid", help: "Nodes that are moved or added stand on the grid." },
  minimap: {
    title: "Minimap",
    help: "The whole graph in the corner of the canvas, while a part of it is out of view.",
  },
  wires: {
    title: "Other wires",
    help: "What happens to the other wires while a node is selected or pointed at.",
    shown: "Shown",
    dimmed: "Dimmed",
    hidden: "Hidden",
  },
  keys: {
    title: "Keys",
    find: "Find a command",
    resetAll: "Reset all",
    reset: (command: string) => `Reset the key of ${command}`,
    pressNew: (command: string) => `Press the new key of ${command}; Escape leaves it, Backspace removes it`,
    press: "Press a key…",
    belongsTo: (key: string, commands: readonly string[]) =>
      `${key} belongs to ${commands.map((title) => `“${title}”`).join(" and ")}.`,
    use: "Use it here",
    leave: "Leave it",
    keyOf: (command: string, keys: readonly string[]) => `Key of ${command}: ${keys.join(", ") || none}`,
    none,
  },
};
