const withArticle = (noun: string): string =>
  ["weights", "features"].includes(noun) ? noun : `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;

/** An output that gives what an input does not take; `helper` would turn one into the other. */
interface Mismatch {
  output: string;
  gives: string;
  input: string;
  target: string;
  takes: string;
  helper: string | undefined;
}

export const document = {
  history: { earlier: "Earlier", asOpened: "As opened" },
  subgraphName: "Subgraph",
  /** What a step of undo did. */
  edits: {
    add: (what: string) => `Add ${what}`,
    insert: (what: string) => `Insert ${what}`,
    insertExample: (node: string) => `Insert an example of ${node}`,
    insertIntoWire: "Insert into a wire",
    move: "Move",
    duplicate: "Duplicate",
    rename: "Rename",
    connect: "Connect",
    disconnect: "Disconnect",
    moveWire: "Move wire",
    addWayPoint: "Add way point",
    moveWayPoint: "Move way point",
    removeWayPoint: "Remove way point",
    renameFrame: "Rename frame",
    resizeFrame: "Resize frame",
    editComment: "Edit comment",
    colorFrame: "Colour frame",
    writeNote: "Write note",
    renameGraph: "Rename graph",
    describeGraph: "Describe graph",
    changeSeed: "Change seed",
    changeParameter: "Change parameter",
    resetParameters: "Reset parameters",
    showParameter: "Show parameter",
    hideParameter: "Hide parameter",
    renameParameter: "Rename parameter",
    describeSubgraph: "Describe subgraph",
    renameSocket: "Rename socket",
    removeSocket: "Remove socket",
    keepPart: "Keep as a part",
    savePart: "Save the part",
    updatePart: (name: string) => `Update ${name}`,
    unlinkPart: "Unlink",
  },
  /** Why an edit was refused. */
  refused: {
    noBorder: "Only a subgraph has a border; open one first.",
    untypedPort: "A border's sockets take the types of what they are wired to.",
    tooManyPorts: (most: number) => `A subgraph may have at most ${most} sockets.`,
    tooManyParams: (most: number) => `A subgraph may show at most ${most} parameters.`,
    nodeExists: (id: string) => `There is already a node with the id "${id}".`,
    tooManyNodes: (most: number) => `A graph may have at most ${most} nodes.`,
    holdsItself: "A subgraph cannot hold itself.",
    noNode: (id: string) => `There is no node with the id "${id}".`,
    tooManyWires: (most: number) => `A graph may have at most ${most} links.`,
    frameExists: (id: string) => `There is already a frame with the id "${id}".`,
    noFrame: (id: string) => `There is no frame with the id "${id}".`,
    nothingToFold: "Choose the nodes to fold first.",
    subgraphGone: "This subgraph is no longer there.",
  },
  /** Why two sockets do not fit. */
  connection: {
    nodeGone: "One end of this link is a node that is no longer there.",
    unknownType: (type: string | undefined) =>
      `The node type "${type}" is not known here, so nothing new can be connected to it.`,
    noOutput: (node: string, socket: string) => `"${node}" has no output called "${socket}".`,
    noInput: (node: string, socket: string) => `"${node}" has no input called "${socket}".`,
    mismatch: ({ output, gives, input, target, takes, helper }: Mismatch) => {
      const hint = helper === undefined ? "" : `; a "${helper}" node in between turns one into the other`;
      return `"${output}" gives ${withArticle(gives)}, but "${input}" of "${target}" takes ${withArticle(takes)}${hint}.`;
    },
    connected: "These two sockets are already connected.",
    feedsItself: (node: string) => `"${node}" cannot feed itself within one step.`,
    closesLoop: (source: string, target: string) =>
      `This would close a loop: "${target}" already feeds "${source}" within the same step; loops must pass through a delayed input such as the trajectory bank's.`,
    bothFree: "Both ends are free places of the border; begin or end at a node.",
  },
  /** What was found when a graph was opened. */
  loading: {
    notAGraph: (place: string, reason: string | undefined) =>
      `This is not a Distillery graph${place === "" ? "" : ` at ${place}`}: ${reason ?? "unreadable"}.`,
    newer: (version: number) =>
      `This graph was written by a newer Distillery (document version ${version}). It can be looked at and exported as it came; to change it, update this one.`,
    lostWire: (from: string, to: string) => `A link from "${from}" to "${to}" led to a missing node and was left out.`,
    sameId: (id: string) => `Two nodes have the id "${id}"; the second was left out.`,
    lostSubgraph: (node: string, subgraph: string) =>
      `"${node}" stands for the subgraph "${subgraph}", which is not in this graph; it is kept as it is.`,
    unknownType: (node: string, type: string) =>
      `"${node}" has the type "${type}", which is not known here; it is kept as it is.`,
    newerNode: (node: string, title: string) =>
      `"${node}" was saved by a newer version of "${title}"; it is kept as it is.`,
    notMigrated: (node: string, version: number, title: string) =>
      `"${node}" could not be brought to version ${version} of "${title}".`,
    migrated: (title: string, node: string, from: number, to: number, changes: readonly string[]) =>
      `“${title}” (${node}) was brought from version ${from} to ${to}${changes.length > 0 ? `: ${changes.join(", ")}` : ""}.`,
    paramAdded: (name: string, value: string) => `${name} is ${value}`,
    paramGone: (name: string) => `${name} is gone`,
    paramChanged: (name: string, before: string, after: string) => `${name}: ${before} → ${after}`,
  },
};
