/** What an HTML file of a graph carries: written by the editor, read by the small page that is in the file, too. */
import { recordedRunSchema } from "@distillery/shared/protocol/shares";
import { z } from "zod";

/** Id of the element that holds it. */
export const VIEW_ELEMENT = "distillery-view";

export const nodeFactsSchema = z.object({
  id: z.string(),
  title: z.string(),
  type: z.string(),
  family: z.string().nullable(),
  help: z.string(),
  formula: z.string().optional(),
  source: z.string().optional(),
  params: z.array(z.object({ title: z.string(), value: z.string(), isChanged: z.boolean() })),
  /** The sheet that a folded part opens. */
  opens: z.string().optional(),
});
export type NodeFacts = z.infer<typeof nodeFactsSchema>;

const sheetSchema = z.object({
  /** Of the subgraph whose inside it is; empty for the graph itself. */
  id: z.string(),
  name: z.string(),
  bounds: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  /** SVG inside `bounds`, made by `graphMarkup`. */
  markup: z.string(),
  nodes: z.array(nodeFactsSchema),
});
export type ViewSheet = z.infer<typeof sheetSchema>;

const frameSchema = z.object({
  /** Base64, as the rest: a picture's file, or float32 values, little endian. */
  image: z.string().optional(),
  values: z.string().optional(),
  mime: z.string(),
});
export type EmbeddedFrame = z.infer<typeof frameSchema>;

export const viewDataSchema = z.object({
  name: z.string(),
  description: z.string(),
  savedAt: z.number(),
  /** The graph's own sheet first. */
  sheets: z.tuple([sheetSchema], sheetSchema),
  run: recordedRunSchema.nullable(),
  /** By event number. */
  frames: z.record(z.string(), frameSchema),
});
export type ViewData = z.infer<typeof viewDataSchema>;

/** JSON that may stand inside a script element. */
export const jsonForScript = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
