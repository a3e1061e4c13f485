/**
 * Documents of a newer Distillery, or of somebody else's: fields that are not known here are set aside where the schema
 * stumbles over them, travel with the document, and are put back in their places when it is written to a file.
 */
import type { z } from "zod";
import { DOCUMENT_VERSION, documentSchema, edgeKey, edgeSchema, type Foreign, type GraphDocument } from "./document";

type Json = z.core.util.JSONType;
type JsonRecord = Record<string, Json>;

/** Fields may hide fields: each round finds one layer. */
const ROUNDS = 12;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export interface Separated {
  /** Without the fields that are not known; not yet checked otherwise. */
  readonly known: unknown;
  readonly foreign: readonly Foreign[];
  /** The document's version, where it is newer than this program's. */
  readonly newerVersion: number | null;
}

/** Takes out of a stored document what the schema does not know. */
export function setAside(stored: unknown): Separated {
  // The usual case costs no copy.
  if (!isRecord(stored) || documentSchema.safeParse(stored).success)
    return { known: stored, foreign: [], newerVersion: null };
  const known: JsonRecord = structuredClone(stored);
  const newerVersion = typeof stored.version === "number" && stored.version > DOCUMENT_VERSION ? stored.version : null;
  if (newerVersion !== null) known.version = DOCUMENT_VERSION;
  const foreign: Foreign[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const issues = documentSchema.safeParse(known).error?.issues ?? [];
    const unknown = issues.filter((issue) => issue.code === "unrecognized_keys");
    for (const { path, keys } of unknown) {
      const record = path.reduce<unknown>((value, name) => (value as Record<PropertyKey, unknown>)?.[name], known);
      if (!isRecord(record)) continue;
      const fields: JsonRecord = {};
      for (const key of keys) {
        fields[key] = record[key] ?? null;
        delete record[key];
      }
      foreign.push({ at: addressOf(known, path), fields });
    }
    if (unknown.length === 0) break;
  }
  return { known, foreign, newerVersion };
}

/** A path with the ids of entries in the place of their numbers, so that it survives reordering. */
function addressOf(root: unknown, path: readonly PropertyKey[]): string[] {
  let value: unknown = root;
  return path.map((name) => {
    const list = value;
    value = (value as Record<PropertyKey, unknown>)?.[name];
    return (Array.isArray(list) ? nameOf(value) : undefined) ?? String(name);
  });
}

/** What an entry of a list is known by: its id, or the ends of a wire. */
function nameOf(entry: unknown): string | undefined {
  if (!isRecord(entry)) return undefined;
  if (typeof entry.id === "string") return entry.id;
  const ends = edgeSchema.pick({ from: true, to: true }).safeParse({ from: entry.from, to: entry.to });
  return ends.success ? edgeKey(ends.data) : undefined;
}

/** The document as its writer would know it: with every field that was set aside, where its record still exists. */
export function putBack({ foreign = [], ...document }: GraphDocument): unknown {
  if (foreign.length === 0) return document;
  const whole: unknown = structuredClone(document);
  for (const { at, fields } of foreign) {
    const record = at.reduce<unknown>(
      (value, name) =>
        Array.isArray(value)
          ? (value.find((entry) => nameOf(entry) === name) ?? value[Number(name)])
          : isRecord(value)
            ? value[name]
            : undefined,
      whole,
    );
    if (isRecord(record)) Object.assign(record, fields);
  }
  return whole;
}

/** One line for each kind of record, for people. */
export function foreignNotices(foreign: readonly Foreign[]): string[] {
  const byField = new Map<string, number>();
  for (const { at, fields } of foreign)
    for (const name of Object.keys(fields)) {
      const kind = at.length === 0 ? "the graph" : (KINDS[at.at(-2) ?? ""] ?? at.join("."));
      const key = `“${name}” of ${kind}`;
      byField.set(key, (byField.get(key) ?? 0) + 1);
    }
  return [...byField].map(
    ([field, count]) => `The field ${field}${count > 1 ? ` (${count} times)` : ""} is not known here; it is kept.`,
  );
}
const KINDS: Readonly<Record<string, string>> = {
  nodes: "a node",
  edges: "a wire",
  frames: "a frame",
  subgraphs: "a subgraph",
};
