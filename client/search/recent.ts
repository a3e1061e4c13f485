/** What was chosen last, the latest first. */
import { z } from "zod";
import { readKept, writeKept } from "../settings/kept";

const KEPT = 30;
const schema = z.array(z.string());

export const readRecent = (): string[] => readKept("recent", schema, []);

export function noteRecent(id: string): void {
  writeKept("recent", [id, ...readRecent().filter((other) => other !== id)].slice(0, KEPT));
}
