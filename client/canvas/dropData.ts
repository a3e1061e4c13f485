/** What can be dropped on the canvas: a node type from the palette, a file or a link for the app. */
export const NODE_TYPE_MIME = "application/x-distillery-node-type";

export const acceptsDrop = (types: readonly string[] | undefined): boolean =>
  types !== undefined && (types.includes(NODE_TYPE_MIME) || types.includes("Files") || types.includes("text/uri-list"));
