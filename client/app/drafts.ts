/** Unsaved work, kept in this browser until it is saved: one draft per graph, under its id or the key of its tab. */
import { documentSchema } from "@distillery/shared/graph/document";
import { z } from "zod";

const draftSchema = z.object({
  document: documentSchema,
  /** Revision the draft started from; null for a graph never saved. */
  revision: z.number().int().nullable(),
  time: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

const PREFIX = "distillery.draft.";
const keyOf = (place: string): string => PREFIX + place;

/** Tab keys of the graphs that were never saved and have a draft, in order. */
export function storedDrafts(storage: Storage = localStorage): string[] {
  const places = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "").flatMap((key) =>
    key.startsWith(PREFIX) ? key.slice(PREFIX.length) : [],
  );
  const numberOf = (place: string) => Number(/^new(?:-(\d+))?$/.exec(place)?.[1] ?? 1);
  return places.filter((place) => /^new(-\d+)?$/.test(place)).sort((a, b) => numberOf(a) - numberOf(b));
}

export function readDraft(place: string, storage: Storage = localStorage): Draft | null {
  const text = storage.getItem(keyOf(place));
  if (text === null) return null;
  try {
    return draftSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** @returns whether it was kept; a full or refused storage keeps nothing. */
export function writeDraft(place: string, draft: Draft, storage: Storage = localStorage): boolean {
  try {
    storage.setItem(keyOf(place), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export const dropDraft = (place: string, storage: Storage = localStorage): void => storage.removeItem(keyOf(place));
