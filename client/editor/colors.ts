/** Colours that people give to nodes, frames and notes; `undefined` is none of its own. */
export const COLORS = [
  ["none", undefined],
  ["violet", "#7a72e8"],
  ["teal", "#1fa295"],
  ["amber", "#c98a1e"],
  ["rose", "#d6577a"],
  ["green", "#3f9c62"],
] as const;
