/** The graphs that are open in this window, as they outlive a reload: their contents are drafts or on the server. */
import type { GraphRecord } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import type { OpenGraph } from "../editor/documentStore";
import type { Viewport } from "../editor/sessionStore";

export interface Tab {
  /** Names its draft while the graph has never been saved: `new`, `new-2`, ... */
  readonly key: string;
  readonly graphId: string | null;
  readonly revision: number | null;
  readonly savedAt: number | null;
  /** Set when somebody else saved this graph in between. */
  readonly conflict: GraphRecord | null;
  /** As last seen, "" before that; of the graph on the screen the document store knows better. */
  readonly name: string;
  readonly isModified: boolean;
  /** Records and undo; null until it is first looked at. */
  readonly open: OpenGraph | null;
  /** Where one was, and what was selected. */
  readonly view: { viewport: Viewport; nodes: ReadonlySet<string>; frames: ReadonlySet<string> } | null;
}

export const newTab = (key: string, known: Partial<Tab> = {}): Tab => ({
  key,
  graphId: null,
  revision: null,
  savedAt: null,
  conflict: null,
  name: "",
  isModified: false,
  open: null,
  view: null,
  ...known,
});

/** Under which name its draft and its last run are kept. */
export const placeOf = ({ graphId, key }: Pick<Tab, "graphId" | "key">): string => graphId ?? key;

/** A name that neither a tab nor a draft has. */
export function freeKey(taken: Iterable<string>): string {
  const names = new Set(taken);
  if (!names.has("new")) return "new";
  for (let n = 2; ; n += 1) if (!names.has(`new-${n}`)) return `new-${n}`;
}

const KEY = "distillery.tabs";
const storedSchema = z.object({
  tabs: z
    .array(z.object({ key: z.string(), graphId: z.string().nullable(), name: z.string(), isModified: z.boolean() }))
    .min(1)
    .max(200),
  active: z.number().int().min(0),
});

/** Of this window alone: another window has tabs of its own. */
export function rememberTabs(tabs: readonly Tab[], active: string, storage: Storage = sessionStorage): void {
  const stored = tabs.map(({ key, graphId, name, isModified }) => ({ key, graphId, name, isModified }));
  try {
    storage.setItem(
      KEY,
      JSON.stringify({
        tabs: stored,
        active: Math.max(
          0,
          tabs.findIndex(({ key }) => key === active),
        ),
      }),
    );
  } catch {
    // A full or refused storage remembers nothing.
  }
}

/** The tabs of before a reload; in a new window the graphs that were never saved (`drafts`), so that none is lost. */
export function recalledTabs(
  drafts: readonly string[],
  storage: Storage = sessionStorage,
): { tabs: Tab[]; active: number } {
  try {
    const { tabs, active } = storedSchema.parse(JSON.parse(storage.getItem(KEY) ?? ""));
    return { tabs: tabs.map(({ key, ...known }) => newTab(key, known)), active: Math.min(active, tabs.length - 1) };
  } catch {
    const keys = drafts.length > 0 ? drafts : ["new"];
    return { tabs: keys.map((key) => newTab(key)), active: 0 };
  }
}
