/** Unsaved work, kept in this browser until it is saved: one draft per graph, and one for a graph never saved. */
import { documentSchema } from "@distillery/shared/graph/document";
import { z } from "zod";

const draftSchema = z.object({
  document: documentSchema,
  /** Revision the draft started from; null for a graph never saved. */
  revision: z.number().int().nullable(),
  time: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

const keyOf = (graphId: string | null): string => `distillery.draft.${graphId ?? "new"}`;

export function readDraft(graphId: string | null, storage: Storage = localStorage): Draft | null {
  const text = storage.getItem(keyOf(graphId));
  if (text === null) return null;
  try {
    return draftSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** @returns whether it was kept; a full or refused storage keeps nothing. */
export function writeDraft(graphId: string | null, draft: Draft, storage: Storage = localStorage): boolean {
  try {
    storage.setItem(keyOf(graphId), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export const dropDraft = (graphId: string | null, storage: Storage = localStorage): void =>
  storage.removeItem(keyOf(graphId));
