/** Small things kept in this browser: settings, keys, what was used last. A refused or broken storage keeps nothing. */
import type { z } from "zod";

const keyOf = (name: string): string => `distillery.${name}`;

export function readKept<T>(name: string, schema: z.ZodType<T>, fallback: T): T {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(keyOf(name)) ?? ""));
  } catch {
    return fallback;
  }
}

export function writeKept(name: string, value: unknown): void {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // Full or refused: it is forgotten with this tab.
  }
}
