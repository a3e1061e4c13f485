/** Numbers given on the command line. */
import { UnusableInput } from "./command";

export function numbers(name: string, text: string, example: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (values.every(Number.isFinite)) return values;
  throw new UnusableInput(`--${name} needs numbers with commas between them, e.g. ${example}; not "${text}".`);
}

export function wholes(name: string, text: string, example: string): number[] {
  const values = numbers(name, text, example);
  if (values.every((value) => Number.isInteger(value) && value >= 1)) return values;
  throw new UnusableInput(`--${name} needs whole numbers from 1 on, e.g. ${example}; not "${text}".`);
}

export function whole(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least) return value;
  throw new UnusableInput(`--${name} needs a whole number from ${least} on, not "${text}".`);
}
