/** Reading graphs that are named on the command line. */
import { readFile } from "node:fs/promises";
import type { Issue } from "@distillery/shared/graph/document";
import { GRAPH_KEYWORD, isPng, readPngText } from "@distillery/shared/image/pngText";
import { type Template, templates, templateWith, UnknownPreset } from "../graph/catalog";
import { library } from "../packs/library";
import { UnusableInput } from "./command";

/** A graph file (JSON, or a PNG with the graph inside), or the id of a template, with one of its presets if one is named. */
export async function readGraph(name: string | undefined, usage: string, preset?: string): Promise<unknown> {
  if (name === undefined) throw new UnusableInput(`Give a graph file. Usage: distillery ${usage}`);
  const bytes = await readFile(name).catch((error: NodeJS.ErrnoException) => error);
  if (bytes instanceof Error) {
    const template = templates.find(({ id }) => id === name);
    if (template !== undefined) return openedTemplate(template, preset).graph;
    const reason =
      bytes.code === "ENOENT"
        ? "does not exist"
        : bytes.code === "EISDIR"
          ? "is a folder"
          : `cannot be read (${bytes.code})`;
    throw new UnusableInput(`${name} ${reason}.`);
  }
  if (preset !== undefined) throw new UnusableInput(`${name} is a file; only templates have presets.`);
  const text = isPng(bytes) ? readPngText(bytes, GRAPH_KEYWORD) : bytes.toString("utf8");
  if (text === undefined) throw new UnusableInput(`${name} is a picture without a graph inside.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnusableInput(`${name} is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The template with this preset; naming one it has not is the caller's mistake. */
export function openedTemplate(template: Template, preset: string | undefined): Template {
  try {
    return templateWith(template, preset, library);
  } catch (error) {
    throw error instanceof UnknownPreset ? new UnusableInput(error.message) : error;
  }
}

/** One line that names the node and the socket. */
export function issueLine(issue: Issue): string {
  const place =
    issue.node === undefined ? "" : `${issue.node}${issue.socket === undefined ? "" : `.${issue.socket}`}: `;
  return `${place}${issue.message.replaceAll("\n", " ")}`;
}
