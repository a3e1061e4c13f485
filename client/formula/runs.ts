/** Plain mathematical text in runs: single letters are slanted variables, words and signs stand upright, `_t` is an index. */
export interface Run {
  readonly text: string;
  readonly kind: "i" | "sub" | "upright";
}

const TOKEN = /_\{([^}]*)\}|_(\p{L}\p{M}*|\d+)|(\p{L}[\p{L}\p{M}]*)/gu;
const NAMES = ["skip", "out"];

export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  const upright = (piece: string) => piece !== "" && runs.push({ text: piece, kind: "upright" });
  let end = 0;
  // Names of several letters after an underscore come first: c_skip.
  for (const match of text.matchAll(new RegExp(`_(${NAMES.join("|")})|${TOKEN.source}`, "gu"))) {
    upright(text.slice(end, match.index));
    const [whole, name, group, index, letters] = match;
    const below = name ?? group ?? index;
    if (below !== undefined) runs.push({ text: below, kind: "sub" });
    else if (letters !== undefined)
      runs.push({ text: letters, kind: letters.replace(/\p{M}/gu, "").length === 1 ? "i" : "upright" });
    end = match.index + whole.length;
  }
  upright(text.slice(end));
  return runs;
}
