/** Graphs as files: JSON, and a PNG that shows the graph and carries its document. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { GRAPH_KEYWORD, isPng, readPngText, writePngText } from "@distillery/shared/image/pngText";
import { download } from "../api/download";
import { readCanvasColors } from "../canvas/canvasColors";
import { drawingOf } from "./graphPicture";

/** Longest side of an exported picture, pixels. */
const MAX_SIDE = 8000;

const fileName = (name: string, extension: string): string =>
  `${
    name
      .replace(/[^\p{L}\p{N} _.-]+/gu, "")
      .trim()
      .slice(0, 80) || "graph"
  }.${extension}`;

export function exportJson(document: GraphDocument): void {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  download(new Blob([text], { type: "application/json" }), fileName(document.name, "json"));
}

export async function exportPng(document: GraphDocument, library: Pick<NodeLibrary, "get">): Promise<void> {
  const picture = await graphPng(document, library);
  download(new Blob([picture.slice()], { type: "image/png" }), fileName(document.name, "png"));
}

/** The graph as a PNG file, twice the size of the canvas at zoom 1 where that fits, with the document inside. */
export async function graphPng(document: GraphDocument, library: Pick<NodeLibrary, "get">): Promise<Uint8Array> {
  const { bounds, paint } = drawingOf(document, library);
  const scale = Math.min(2, MAX_SIDE / Math.max(bounds.width, bounds.height));
  const canvas = globalThis.document.createElement("canvas");
  canvas.width = Math.ceil(bounds.width * scale);
  canvas.height = Math.ceil(bounds.height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw the picture.");
  const colors = readCanvasColors(globalThis.document.documentElement);
  context.fillStyle = colors.canvas;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  paint(context, colors, "full");
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("This browser cannot write a PNG of that size.");
  return writePngText(new Uint8Array(await blob.arrayBuffer()), GRAPH_KEYWORD, JSON.stringify(document));
}

/**
 * The document inside a JSON or PNG file, not yet checked.
 * @throws Error with one line for people.
 */
export async function readGraphFile(file: File): Promise<unknown> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text: string;
  if (isPng(bytes)) {
    const inside = readPngText(bytes, GRAPH_KEYWORD);
    if (inside === undefined) throw new Error(`"${file.name}" is a picture without a graph inside.`);
    text = inside;
  } else text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`"${file.name}" is neither a graph in JSON nor a PNG with a graph inside.`);
  }
}
