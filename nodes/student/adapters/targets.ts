/** Which layers of a network an adapter is put on. */
import type { Layer } from "./layers";

/** Paths that a message lists. */
const LISTED = 8;

/**
 * Without patterns every layer but the first, the last and those that embed the time (methods.md 3.5). A pattern, in
 * which * stands for anything, fits whole paths or what follows a dot or slash; ".weight" at the end may be left out.
 * @throws Error in words when a pattern, or all of them, fit nothing.
 */
export function chooseTargets(layers: readonly Layer[], patterns: readonly string[]): Layer[] {
  if (patterns.length === 0) {
    const inner = layers.filter(({ place }) => place === "inner");
    if (inner.length > 0) return inner;
    throw new Error(
      `the network has no layer between its first and its last one, so say which to change.${listed(layers)}`,
    );
  }
  const expressions = patterns.map(expressionOf);
  const lost = patterns.find((_, i) => !layers.some(({ path }) => expressions[i]?.test(path)));
  if (lost !== undefined) throw new Error(`no linear or convolution weight fits "${lost}".${listed(layers)}`);
  return layers.filter(({ path }) => expressions.some((expression) => expression.test(path)));
}

/** Patterns of a parameter, separated by commas or spaces. */
export const splitPatterns = (text: string): string[] => text.split(/[\s,]+/).filter((each) => each !== "");

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  return new RegExp(`(^|[./])${parts.join(".*")}(\\.weight)?$`);
}

function listed(layers: readonly Layer[]): string {
  if (layers.length === 0) return " It has no such weights at all.";
  const names = layers.slice(0, LISTED).map(({ path }) => path);
  return ` There are ${names.join(", ")}${layers.length > LISTED ? ` and ${layers.length - LISTED} more` : ""}.`;
}
