/** The page of an exported HTML file. */
export const viewer = {
  sheets: "Open sheet",
  recorded: (when: string) => `recorded ${when}`,
  node: "Node",
  smaller: "Smaller",
  larger: "Larger",
  fit: "Fit everything",
  theme: "Light or dark",
  graph: (name: string) => `The graph “${name}”. Arrow keys pan, plus and minus zoom, Escape leaves a part.`,
  close: "Close",
  openPart: "Open this part",
  unknownNode: "This kind of node is not known here; its parameters are shown as they are.",
  noPicture: "This picture is not in the file.",
  noValues: "The raw values are not in this file.",
};
