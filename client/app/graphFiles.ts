/** Graphs as files: JSON, and pictures and a page that show the graph and carry its document. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { GRAPH_KEYWORD, writePngText } from "@distillery/shared/image/pngText";
import { graphSvg } from "@distillery/shared/picture/graphSvg";
import { download } from "../api/download";
import { send } from "../api/http";
import { readCanvasColors } from "../canvas/canvasColors";
import { say } from "../language";
import { type ExportedRun, graphHtml } from "../viewer/exportHtml";
import type { Exported } from "./exported";
import { drawingOf } from "./graphPicture";
import { vectorPicture } from "./vectorPicture";

/** Longest side of an exported picture, pixels. */
const MAX_SIDE = 8000;

const fileName = (name: string, extension: string): string =>
  `${
    name
      .replace(/[^\p{L}\p{N} _.-]+/gu, "")
      .trim()
      .slice(0, 80) || "graph"
  }.${extension}`;

export function exportJson({ document, stored }: Exported): void {
  const text = `${JSON.stringify(stored, null, 2)}\n`;
  download(new Blob([text], { type: "application/json" }), fileName(document.name, "json"));
}

export function exportSvg({ document, stored }: Exported, library: Pick<NodeLibrary, "get">): void {
  const text = graphSvg(vectorPicture(document, library), document, stored);
  download(new Blob([text], { type: "image/svg+xml" }), fileName(document.name, "svg"));
}

/** The page itself comes from the server; it is not part of the editor's program. */
export async function exportHtml(
  exported: Exported,
  library: Pick<NodeLibrary, "get">,
  run: ExportedRun | null,
): Promise<void> {
  const page = await (await send("/viewer.html")).text();
  const text = await graphHtml(page, exported, library, run);
  download(new Blob([text], { type: "text/html" }), fileName(exported.document.name, "html"));
}

export async function exportPng({ document, stored }: Exported, library: Pick<NodeLibrary, "get">): Promise<void> {
  const picture = await graphPng(document, stored, library);
  download(new Blob([picture.slice()], { type: "image/png" }), fileName(document.name, "png"));
}

/** The graph as a PNG file, twice the size of the canvas at zoom 1 where that fits, with the document inside. */
async function graphPng(
  document: GraphDocument,
  stored: unknown,
  library: Pick<NodeLibrary, "get">,
): Promise<Uint8Array> {
  const { bounds, paint } = drawingOf(document, library);
  const scale = Math.min(2, MAX_SIDE / Math.max(bounds.width, bounds.height));
  const canvas = globalThis.document.createElement("canvas");
  canvas.width = Math.ceil(bounds.width * scale);
  canvas.height = Math.ceil(bounds.height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error(say.app.files.cannotDraw);
  const colors = readCanvasColors(globalThis.document.documentElement);
  context.fillStyle = colors.canvas;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  paint(context, colors, "full");
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error(say.app.files.tooLarge);
  return writePngText(new Uint8Array(await blob.arrayBuffer()), GRAPH_KEYWORD, JSON.stringify(stored));
}
