/** A stored document out of a file, a text or a link of this server; not yet checked. Errors are one line for people. */
import { GRAPH_KEYWORD, isPng, readPngText } from "@distillery/shared/image/pngText";
import { DOCUMENT_ELEMENT } from "@distillery/shared/picture/graphSvg";
import { getGraph } from "../api/server";
import { getShared } from "../api/shares";
import { say } from "../language";

const words = say.app.files;

export const GRAPH_FILES = ".json,.png,.svg,.html,application/json,image/png,image/svg+xml,text/html";

export async function readGraphFile(file: File): Promise<unknown> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (!isPng(bytes)) return documentIn(new TextDecoder().decode(bytes), words.quoted(file.name));
  const inside = readPngText(bytes, GRAPH_KEYWORD);
  if (inside === undefined) throw new Error(words.emptyPicture(words.quoted(file.name)));
  return parsed(inside, words.quoted(file.name));
}

/** The document in a text: JSON itself, or what an SVG or HTML file carries. The markup is read, never shown. */
function documentIn(text: string, name: string): unknown {
  const start = text.trimStart().slice(0, 400);
  if (!start.startsWith("<")) return parsed(text, name);
  const isSvg = /<svg[\s>]/i.test(start) && !/<!doctype html|<html[\s>]/i.test(start);
  const page = new DOMParser().parseFromString(text, isSvg ? "image/svg+xml" : "text/html");
  const inside = page.getElementById(DOCUMENT_ELEMENT)?.textContent;
  if (!inside) throw new Error(isSvg ? words.emptyDrawing(name) : words.emptyPage(name));
  return parsed(inside, name);
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(words.unreadable(name));
  }
}

const isAddress = (text: string): boolean => /^(https?:\/\/\S+|\/(s|shared|g|api)\/\S+)$/i.test(text);

/** A document from a text that somebody pasted: JSON, or the address of a graph or a share link of this server. */
export async function readGraphText(text: string): Promise<unknown> {
  const given = text.trim();
  if (given === "") throw new Error(words.nothing);
  return isAddress(given) ? documentAt(given) : documentIn(given, words.thisText);
}

async function documentAt(address: string): Promise<unknown> {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) throw new Error(words.otherServer(url.host));
  const [, kind = "", id = ""] = /^\/(?:api\/)?(s|shared|g|graphs)\/([0-9a-z]{1,64})\/?$/.exec(url.pathname) ?? [];
  if (kind === "") throw new Error(words.noGraphAt(url.pathname));
  return (kind === "g" || kind === "graphs" ? await getGraph(id) : await getShared(id)).graph;
}
