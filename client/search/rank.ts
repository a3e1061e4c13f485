/** Ranking of everything that is found by typing: exact, then prefix, then word starts, then inside, then letters in order. */

export interface Searchable {
  readonly title: string;
  /** Other names of the thing, best first; they count less than the title and must hold the words as typed. */
  readonly also?: readonly string[];
}

const EXACT = 100;
const PREFIX = 80;
const WORD = 60;
const INSIDE = 40;
const ALSO = 30;
const FUZZY = 18;
/** Of each further name in `also`. */
const ALSO_STEP = 3;

/** What "Reset the view", "resetView" and "reset-view" begin their words with. */
const startsWord = (text: string, at: number): boolean => at === 0 || /[\s\-/·.,:;()"“_]/.test(text[at - 1] ?? "");

/** How well `word` fits `title` (both in lower case): 0 when it does not. */
function titleScore(title: string, word: string): number {
  if (title === word) return EXACT;
  const at = title.indexOf(word);
  // Of two titles that begin alike, the shorter is meant.
  if (at === 0) return PREFIX + word.length / title.length;
  for (let next = at; next > 0; next = title.indexOf(word, next + 1)) {
    if (startsWord(title, next)) return WORD + word.length / title.length;
  }
  if (at > 0) return INSIDE + word.length / title.length;
  return word.length < 2 ? 0 : fuzzyScore(title, word);
}

/** The letters of `word` in order, the first one beginning a word; the more of them stand together or begin words, the better. */
function fuzzyScore(title: string, word: string): number {
  let good = 0;
  let at = -1;
  for (const letter of word) {
    const next = nextLetter(title, letter, at + 1);
    if (next < 0) return 0;
    if (next === at + 1 || startsWord(title, next)) good++;
    else if (at < 0) return 0;
    at = next;
  }
  // Letters strewn about are no find.
  return good / word.length < 0.6 ? 0 : (FUZZY * good) / word.length;
}

/** The letter itself when it follows at once, else the next word that begins with it, else the next one. */
function nextLetter(title: string, letter: string, from: number): number {
  const first = title.indexOf(letter, from);
  if (first === from) return first;
  for (let at = first; at >= 0; at = title.indexOf(letter, at + 1)) if (startsWord(title, at)) return at;
  return first;
}

export const wordsOfQuery = (query: string): string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");

/** Something to search, with its texts in lower case: made once, ranked at every key. */
export interface Prepared<T> {
  readonly item: T;
  readonly title: string;
  readonly also: readonly string[];
}
export const prepare = <T>(items: readonly T[], textOf: (item: T) => Searchable): Prepared<T>[] =>
  items.map((item) => {
    const { title, also = [] } = textOf(item);
    return { item, title: title.toLowerCase(), also: also.map((text) => text.toLowerCase()) };
  });

function wordScore({ title, also }: Prepared<unknown>, word: string): number {
  const best = titleScore(title, word);
  if (best >= ALSO) return best;
  const index = also.findIndex((text) => text.includes(word));
  return index < 0 ? best : Math.max(best, ALSO - ALSO_STEP * index, 2);
}

/** 0 when a word fits nowhere; the whole query as it stands in the title counts beside its words. */
function scoreOf(prepared: Prepared<unknown>, words: readonly string[], query: string): number {
  let sum = 0;
  for (const word of words) {
    const score = wordScore(prepared, word);
    if (score === 0) return 0;
    sum += score;
  }
  const whole = words.length > 1 ? titleScore(prepared.title, query) : 0;
  return Math.max(sum / words.length, whole >= INSIDE ? whole : 0);
}

export interface Ranked<T> {
  readonly item: T;
  readonly score: number;
}

/** What fits every word of the query, best first; in the given order for an empty query and among equals. */
export function rank<T>(all: readonly Prepared<T>[], query: string, bonus: (item: T) => number = () => 0): Ranked<T>[] {
  const words = wordsOfQuery(query);
  const found: Ranked<T>[] = [];
  for (const prepared of all) {
    const score = words.length === 0 ? 1 : scoreOf(prepared, words, words.join(" "));
    if (score > 0) found.push({ item: prepared.item, score: score + bonus(prepared.item) });
  }
  return found.sort((a, b) => b.score - a.score);
}
