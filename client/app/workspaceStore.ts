/** Which graph is on the screen, where it is stored, and what is not saved yet. */
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { putBack } from "@distillery/shared/graph/foreign";
import type { GraphRecord } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ApiError } from "../api/apiError";
import { createGraph, getGraph, getTemplates, saveGraph, type Template } from "../api/server";
import { type OpenGraph, useDocumentStore } from "../editor/documentStore";
import { useRegistryStore } from "../editor/registryStore";
import { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { type Draft, dropDraft, readDraft, writeDraft } from "./drafts";
import { useTabStore } from "./tabStore";
import { placeOf, type Tab } from "./tabs";
import { inOrder } from "./templateGroups";

/** Milliseconds of rest before a draft is written. */
const DRAFT_DELAY = 600;
/** `markSaved` with a stamp that no state has: everything is unsaved. */
const NEVER = -1;

/** What opening a graph has to tell. */
export interface Opened {
  readonly notices: readonly string[];
  /** The unsaved changes that came back. */
  readonly restored: Draft | null;
}
const NOTHING: Opened = { notices: [], restored: null };

export const useWorkspaceStore = defineStore("workspace", () => {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const registry = useRegistryStore();
  const tabs = useTabStore();

  const isOpening = ref(false);
  const problem = ref("");
  const isSaving = ref(false);
  const templates = shallowRef<readonly Template[]>([]);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const graphId = computed(() => tabs.active.graphId);
  const revision = computed(() => tabs.active.revision);
  const place = computed(() => placeOf(tabs.active));
  const conflict = computed({
    get: () => tabs.active.conflict,
    set: (found) => tabs.update(tabs.active.key, { conflict: found }),
  });
  const isModified = computed(() => documents.isModified);
  const current = (): GraphDocument => documents.toDocument({ ...session.viewport });
  /** What opening the graph changed, and what in it is not known here. */
  const report = computed(() => documents.shown.notices);
  /** What a file of the open graph shows and carries: a graph of a newer version goes out as it came. */
  const exported = () => ({ document: current(), stored: documents.shown.untouched ?? putBack(current()) });
  /** Nothing of one's own is in it: another graph may take its place. */
  const isPristine = (tab: Tab): boolean =>
    tab.graphId === null && !tabs.seen(tab).isModified && (tab.open !== null || readDraft(tab.key) === null);

  /** Shows a document in the active tab; `isStored` tells whether the server has exactly this. */
  function show(document: unknown, isStored: boolean, { fit = false } = {}): string[] {
    const { document: loaded, notices, open } = documents.read(document);
    if (!isStored && open.untouched === null) open.savedStamp = NEVER;
    documents.show(open);
    session.readOnly = open.untouched !== null;
    tabs.update(tabs.active.key, { open });
    session.clearSelection();
    const { x, y, zoom } = loaded.viewport;
    const isPlaced = !fit && (x !== 0 || y !== 0 || zoom !== 1);
    requestAnimationFrame(() => {
      if (documents.shown !== open) return;
      if (isPlaced) session.view?.setViewport(loaded.viewport);
      else session.view?.fit();
    });
    return notices;
  }

  async function loadTemplates(): Promise<void> {
    templates.value = await getTemplates();
    registry.examples = templates.value.map(({ graph }) => flatDocument(graph));
  }

  /** What an address asks for: a stored graph, or (null) one that was never saved. */
  async function enter(id: string | null): Promise<Opened> {
    const before = tabs.active;
    const known = before.graphId === id ? before : tabs.all.find((tab) => tab.graphId === id);
    if (known) return switchTo(known.key);
    keepNow();
    const added = tabs.add({ graphId: id }, { replaces: isPristine(before) });
    try {
      return await switchTo(added.key);
    } catch (error) {
      if (before.open) {
        if (added.key === before.key) tabs.update(before.key, before);
        else tabs.remove(added.key);
        stayAt(before);
      }
      throw error;
    }
  }
  /** Shows another tab; where that fails, the graph that is on the screen stays there. */
  async function switchTo(key: string): Promise<Opened> {
    keepNow();
    const before = tabs.active;
    if (tabs.activate(key)) return NOTHING;
    try {
      return await opening(() => fill(tabs.active));
    } catch (error) {
      if (before.open && tabs.active.key === key) stayAt(before);
      throw error;
    }
  }
  function stayAt({ key }: Tab): void {
    tabs.activate(key);
    problem.value = "";
  }
  /** Takes a tab off the screen and drops what was not saved of it. */
  async function close(key: string): Promise<Opened> {
    const tab = tabs.all.find((each) => each.key === key);
    if (!tab) return NOTHING;
    if (key === tabs.active.key) clearTimeout(timer);
    dropDraft(placeOf(tab));
    tabs.remove(key);
    return tabs.activate(tabs.active.key) ? NOTHING : opening(() => fill(tabs.active));
  }

  /** Fetches what a tab is about: its draft, the stored graph, or what it showed unchanged; at first the first template. */
  async function fill({ key, graphId: id, name }: Tab): Promise<Opened> {
    const record = id === null ? null : await getGraph(id);
    const draft = readDraft(id ?? key);
    if (!draft && !record && templates.value.length === 0) await loadTemplates();
    if (tabs.active.key !== key) return NOTHING;
    if (record) tabs.update(key, { revision: draft?.revision ?? record.revision, savedAt: record.updatedAt });
    if (draft) return { notices: show(draft.document, false), restored: draft };
    if (record) return { notices: show(record.graph, true), restored: null };
    const template =
      name === "" ? inOrder(templates.value)[0] : templates.value.find(({ graph }) => graph.name === name);
    if (name === "" && !template) throw new ApiError(say.app.templates.none, 200);
    return { notices: show(template?.graph ?? emptyDocument(name), true, { fit: true }), restored: null };
  }

  async function opening<T>(work: () => Promise<T>): Promise<T> {
    isOpening.value = true;
    problem.value = "";
    try {
      return await work();
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      isOpening.value = false;
    }
  }

  /** Opens a document as a new graph, in a tab of its own: a template, an import, a fork. */
  function openNew(document: unknown, { isTemplate = false } = {}): string[] {
    documents.read(document);
    keepNow();
    const tab = tabs.add({}, { replaces: isPristine(tabs.active) });
    tabs.activate(tab.key);
    const notices = show(document, isTemplate, { fit: isTemplate });
    if (!isTemplate && !session.readOnly) writeNow();
    return notices;
  }

  /** Makes a shared document one's own; the editor page that comes next takes it over. */
  const fork = (document: GraphDocument): string[] =>
    openNew({ ...document, name: say.app.work.forkOf(document.name) });

  /** Throws the unsaved changes away. */
  async function revert(): Promise<void> {
    clearTimeout(timer);
    dropDraft(place.value);
    await opening(() => fill({ ...tabs.active, name: documents.meta.name }));
  }

  /** Saves over the revision this editor started from. A conflict is set, not thrown. */
  async function save(): Promise<"saved" | "created" | "conflict"> {
    const { key, graphId: id, revision: from } = tabs.active;
    const state = { open: documents.shown, stamp: documents.stamp };
    const document = current();
    isSaving.value = true;
    try {
      const isNew = id === null || from === null;
      const record = isNew ? await createGraph(document) : await saveGraph(id, from, document);
      adopt(key, record, state);
      if (isNew) dropDraft(key);
      return isNew ? "created" : "saved";
    } catch (error) {
      if (!(error instanceof ApiError && error.isConflict && id)) throw error;
      tabs.update(key, { conflict: await getGraph(id) });
      return "conflict";
    } finally {
      isSaving.value = false;
    }
  }

  /** The server has a state of the graph of tab `key`, which may have gone on or behind another meanwhile. */
  function adopt(key: string, record: GraphRecord, { open, stamp }: { open: OpenGraph; stamp: number }): void {
    documents.markSaved(stamp, open);
    tabs.update(key, { graphId: record.id, revision: record.revision, savedAt: record.updatedAt, conflict: null });
    if (documents.shown === open) clearTimeout(timer);
    dropDraft(record.id);
    if (documents.shown === open && documents.isModified) keepSoon();
  }

  /** Stores what is open as a graph of its own and goes on with that. */
  async function saveCopy(name: string): Promise<void> {
    const { key } = tabs.active;
    const previous = place.value;
    const open = documents.shown;
    const record = await createGraph({ ...current(), name });
    documents.edit(say.app.work.rename, (t) => t.updateMeta({ name }));
    dropDraft(previous);
    adopt(key, record, { open, stamp: documents.stamp });
  }

  /** Settles a conflict: `mine` goes on top of theirs (theirs stays among the versions), `theirs` replaces mine. */
  async function settle(choice: "mine" | "theirs"): Promise<void> {
    const theirs = conflict.value;
    if (!theirs) return;
    const { key } = tabs.active;
    tabs.update(key, { revision: theirs.revision, conflict: null });
    if (choice === "mine") {
      await save();
      return;
    }
    dropDraft(theirs.id);
    adopt(key, theirs, { open: documents.shown, stamp: documents.stamp });
    show(theirs.graph, true);
  }

  /** Puts an older version back, as an unsaved change of the present graph. */
  function restore(document: GraphDocument): void {
    show(document, false);
    writeNow();
  }

  const writeNow = (): boolean => {
    clearTimeout(timer);
    timer = undefined;
    return writeDraft(place.value, { document: current(), revision: revision.value, time: Date.now() });
  };
  /** Does at once what `keepSoon` has put off. */
  function keepNow(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    if (documents.isModified) writeNow();
    else dropDraft(place.value);
  }
  function keepSoon(): void {
    if (session.readOnly) return;
    clearTimeout(timer);
    timer = setTimeout(keepNow, DRAFT_DELAY);
  }
  /** Keeps a draft after every change; returns the function that stops it. */
  function startDrafts(): () => void {
    const stop = documents.listen((_, cause) => cause !== "load" && cause !== "open" && keepSoon());
    // A tab may close before the delay is over; work that cannot be kept is worth a question.
    const guard = (event: BeforeUnloadEvent) => {
      tabs.park();
      if (!documents.isModified || session.readOnly) return;
      if (!writeNow()) event.preventDefault();
    };
    addEventListener("beforeunload", guard);
    return () => {
      stop();
      keepNow();
      tabs.park();
      removeEventListener("beforeunload", guard);
    };
  }

  return {
    tabs: computed(() => tabs.all),
    active: computed(() => tabs.active),
    seen: tabs.seen,
    graphId,
    revision,
    /** Under which name the draft and the last run of the graph are kept. */
    place,
    isOpening,
    problem,
    isSaving,
    savedAt: computed(() => tabs.active.savedAt),
    conflict,
    templates,
    isModified,
    current,
    exported,
    report,
    loadTemplates,
    enter,
    switchTo,
    close,
    openNew,
    fork,
    revert,
    save,
    saveCopy,
    settle,
    restore,
    startDrafts,
  };
});
