/** Everything that one field finds: kinds with their prefixes, and what to show for a query. */
import { say } from "../language";
import type { IconName } from "../theme/icons";
import { type Prepared, prepare, rank } from "./rank";

const words = say.search;
const PREFIX = {
  command: ">",
  node: "@",
  add: "+",
  template: "/",
  graph: "/",
  run: "#",
  setting: ":",
  help: "?",
} as const;
export type EntryKind = keyof typeof PREFIX;
const kindIds = Object.keys(PREFIX) as EntryKind[];
export const KINDS = kindIds.map((id) => ({ id, prefix: PREFIX[id], ...words.kinds[id] }));

/** One of each prefix, for the hints under the list. */
export const PREFIXES = KINDS.filter(({ prefix }, i) => KINDS.findIndex((kind) => kind.prefix === prefix) === i);

export interface Entry {
  /** Unique, and the same at the next visit. */
  readonly id: string;
  readonly kind: EntryKind;
  readonly title: string;
  readonly also?: readonly string[];
  /** Beside the title, in few words. */
  readonly detail?: string;
  readonly icon?: IconName;
  /** A colour in place of an icon. */
  readonly swatch?: string;
  readonly keys?: string;
  /** Why it cannot be chosen now. */
  readonly blocked?: string;
  run(): void;
}
export interface Found {
  readonly entry: Entry;
  readonly heading: string;
}

const titleOf = (kind: EntryKind): string => words.kinds[kind].title;

/** How many of a kind are shown beside others, and alone. */
const BESIDE = 5;
const ALONE = 80;
const RECENT = 6;
/** The most that having been used just now counts: less than the step between two kinds of matches. */
const RECENT_BONUS = 8;
const BLOCKED = -12;

export const prepareEntries = (entries: readonly Entry[]): Prepared<Entry>[] => prepare(entries, (entry) => entry);

/** The kinds a query is about, and the rest of it. */
export function splitQuery(query: string): { kinds: ReadonlySet<EntryKind> | null; text: string } {
  const first = query.trimStart().charAt(0);
  const kinds = KINDS.filter(({ prefix }) => prefix === first).map(({ id }) => id);
  return kinds.length > 0 ? { kinds: new Set(kinds), text: query.trimStart().slice(1) } : { kinds: null, text: query };
}

/**
 * What to show, under headings: the best group first. Nothing typed yet: what was used last, then commands and templates.
 * @param recent ids, the latest first
 */
export function findEntries(all: readonly Prepared<Entry>[], query: string, recent: readonly string[]): Found[] {
  const { kinds, text } = splitQuery(query);
  const place = new Map(recent.map((id, i) => [id, i]));
  const scope = kinds ? all.filter(({ item }) => kinds.has(item.kind)) : all;
  if (!kinds && text.trim() === "") return atFirst(scope, recent);
  const bonus = ({ id, blocked }: Entry): number => {
    const at = place.get(id);
    return (at === undefined ? 0 : RECENT_BONUS * (1 - at / recent.length)) + (blocked ? BLOCKED : 0);
  };
  const groups = new Map<EntryKind, Entry[]>();
  for (const { item } of rank(scope, text, bonus)) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  return [...groups].flatMap(([kind, entries]) =>
    entries.slice(0, kinds ? ALONE : BESIDE).map((entry) => ({ entry, heading: titleOf(kind) })),
  );
}

function atFirst(all: readonly Prepared<Entry>[], recent: readonly string[]): Found[] {
  const byId = new Map(all.map(({ item }) => [item.id, item]));
  const last = recent.flatMap((id) => byId.get(id) ?? []).slice(0, RECENT);
  const others = (kind: EntryKind, count: number): Found[] =>
    all
      .filter(({ item }) => item.kind === kind && !item.blocked && !last.includes(item))
      .slice(0, count)
      .map(({ item }) => ({ entry: item, heading: titleOf(kind) }));
  return [
    ...last.map((entry) => ({ entry, heading: words.recent })),
    ...others("help", last.length > 0 ? 0 : 1),
    ...others("command", 10),
    ...others("template", 4),
  ];
}
