/** A stored document out of a file, a text or a link of this server; not yet checked. Errors are one line for people. */
import { GRAPH_KEYWORD, isPng, readPngText } from "@distillery/shared/image/pngText";
import { DOCUMENT_ELEMENT } from "@distillery/shared/picture/graphSvg";
import { getGraph } from "../api/server";
import { getShared } from "../api/shares";

export const GRAPH_FILES = ".json,.png,.svg,.html,application/json,image/png,image/svg+xml,text/html";

export async function readGraphFile(file: File): Promise<unknown> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (!isPng(bytes)) return documentIn(new TextDecoder().decode(bytes), `"${file.name}"`);
  const inside = readPngText(bytes, GRAPH_KEYWORD);
  if (inside === undefined) throw new Error(`"${file.name}" is a picture without a graph inside.`);
  return parsed(inside, `"${file.name}"`);
}

/** The document in a text: JSON itself, or what an SVG or HTML file carries. The markup is read, never shown. */
function documentIn(text: string, name: string): unknown {
  const start = text.trimStart().slice(0, 400);
  if (!start.startsWith("<")) return parsed(text, name);
  const isSvg = /<svg[\s>]/i.test(start) && !/<!doctype html|<html[\s>]/i.test(start);
  const page = new DOMParser().parseFromString(text, isSvg ? "image/svg+xml" : "text/html");
  const inside = page.getElementById(DOCUMENT_ELEMENT)?.textContent;
  if (!inside) throw new Error(`${name} is ${isSvg ? "a drawing" : "a page"} without a graph inside.`);
  return parsed(inside, name);
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} is neither a graph in JSON nor a PNG, SVG or HTML file with a graph inside.`);
  }
}

const isAddress = (text: string): boolean => /^(https?:\/\/\S+|\/(s|shared|g|api)\/\S+)$/i.test(text);

/** A document from a text that somebody pasted: JSON, or the address of a graph or a share link of this server. */
export async function readGraphText(text: string): Promise<unknown> {
  const given = text.trim();
  if (given === "") throw new Error("Paste a graph as JSON, or a link of this server.");
  return isAddress(given) ? documentAt(given) : documentIn(given, "This text");
}

async function documentAt(address: string): Promise<unknown> {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin)
    throw new Error(
      `${url.host} is another server: open the link there and save the graph as a file, then import that.`,
    );
  const [, kind = "", id = ""] = /^\/(?:api\/)?(s|shared|g|graphs)\/([0-9a-z]{1,64})\/?$/.exec(url.pathname) ?? [];
  if (kind === "") throw new Error(`${url.pathname} is no graph and no share link of this server.`);
  return (kind === "g" || kind === "graphs" ? await getGraph(id) : await getShared(id)).graph;
}
