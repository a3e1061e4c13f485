/** Which graph is open, where it is stored, and what is not saved yet. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { GraphRecord } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ApiError } from "../api/apiError";
import { createGraph, getGraph, getTemplates, saveGraph, type Template } from "../api/server";
import { useDocumentStore } from "../editor/documentStore";
import { useRegistryStore } from "../editor/registryStore";
import { useSessionStore } from "../editor/sessionStore";
import { type Draft, dropDraft, readDraft, writeDraft } from "./drafts";
import { inOrder } from "./templateGroups";

/** Milliseconds of rest before a draft is written. */
const DRAFT_DELAY = 600;
/** `markSaved` with a stamp that no state has: everything is unsaved. */
const NEVER = -1;

export const useWorkspaceStore = defineStore("workspace", () => {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const registry = useRegistryStore();

  const graphId = ref<string | null>(null);
  const revision = ref<number | null>(null);
  const isOpening = ref(false);
  const problem = ref("");
  const isSaving = ref(false);
  const savedAt = ref<number | null>(null);
  /** Set when somebody else saved this graph in between. */
  const conflict = shallowRef<GraphRecord | null>(null);
  const templates = shallowRef<readonly Template[]>([]);
  let isForked = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isModified = computed(() => documents.isModified);
  const current = (): GraphDocument => documents.toDocument({ ...session.viewport });

  /** Shows a document; `isStored` tells whether the server has exactly this. */
  function show(document: unknown, isStored: boolean, { fit = false } = {}): string[] {
    const { document: loaded, notices } = documents.load(document);
    if (!isStored) documents.markSaved(NEVER);
    session.clearSelection();
    const { x, y, zoom } = loaded.viewport;
    const isPlaced = !fit && (x !== 0 || y !== 0 || zoom !== 1);
    requestAnimationFrame(() => {
      if (isPlaced) session.view?.setViewport(loaded.viewport);
      else session.view?.fit();
    });
    return notices;
  }

  async function loadTemplates(): Promise<void> {
    templates.value = await getTemplates();
    registry.examples = templates.value.map(({ graph }) => graph);
  }

  /** Opens a stored graph, with the unsaved changes this browser still has. Returns what is worth telling. */
  async function open(id: string): Promise<{ notices: string[]; restored: Draft | null }> {
    return opening(async () => {
      const record = await getGraph(id);
      graphId.value = id;
      revision.value = record.revision;
      savedAt.value = record.updatedAt;
      const draft = readDraft(id);
      if (!draft) return { notices: show(record.graph, true), restored: null };
      revision.value = draft.revision ?? record.revision;
      return { notices: show(draft.document, false), restored: draft };
    });
  }

  /** Opens the draft of a graph never saved, or else the first template. */
  async function openFirst(): Promise<{ notices: string[]; restored: Draft | null }> {
    return opening(async () => {
      if (isForked) {
        isForked = false;
        requestAnimationFrame(() => session.view?.fit());
        return { notices: [], restored: null };
      }
      forget();
      const draft = readDraft(null);
      if (draft) return { notices: show(draft.document, false), restored: draft };
      if (templates.value.length === 0) await loadTemplates();
      const first = inOrder(templates.value)[0];
      if (!first) throw new ApiError("The server has no templates.", 200);
      return { notices: show(first.graph, true, { fit: true }), restored: null };
    });
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

  function forget(): void {
    clearTimeout(timer);
    graphId.value = null;
    revision.value = null;
    savedAt.value = null;
    conflict.value = null;
  }

  /** Opens a document as a new graph: a template, an import, a fork. */
  function openNew(document: unknown, { isTemplate = false } = {}): string[] {
    forget();
    dropDraft(null);
    const notices = show(document, isTemplate, { fit: isTemplate });
    if (!isTemplate) writeNow();
    return notices;
  }

  /** Makes a shared document one's own; the editor page that comes next takes it over. */
  function fork(document: GraphDocument): void {
    openNew({ ...document, name: `${document.name} (fork)` });
    isForked = true;
  }

  /** Throws the unsaved changes away. */
  async function revert(): Promise<void> {
    dropDraft(graphId.value);
    if (graphId.value) await open(graphId.value);
    else await openFirst();
  }

  /** Saves over the revision this editor started from. A conflict is set, not thrown. */
  async function save(): Promise<"saved" | "created" | "conflict"> {
    const document = current();
    const stamp = documents.stamp;
    isSaving.value = true;
    try {
      const id = graphId.value;
      const isNew = id === null || revision.value === null;
      const record = isNew ? await createGraph(document) : await saveGraph(id, revision.value!, document);
      adopt(record, stamp);
      if (isNew) dropDraft(null);
      return isNew ? "created" : "saved";
    } catch (error) {
      if (!(error instanceof ApiError && error.isConflict && graphId.value)) throw error;
      conflict.value = await getGraph(graphId.value);
      return "conflict";
    } finally {
      isSaving.value = false;
    }
  }

  function adopt(record: GraphRecord, stamp: number): void {
    graphId.value = record.id;
    revision.value = record.revision;
    savedAt.value = record.updatedAt;
    conflict.value = null;
    documents.markSaved(stamp);
    clearTimeout(timer);
    dropDraft(record.id);
    if (documents.isModified) keepSoon();
  }

  /** Stores what is open as a graph of its own and goes on with that. */
  async function saveCopy(name: string): Promise<void> {
    const stamp = documents.stamp;
    const previous = graphId.value;
    const record = await createGraph({ ...current(), name });
    documents.edit("Rename", (t) => t.updateMeta({ name }));
    dropDraft(previous);
    adopt(record, stamp);
    documents.markSaved();
  }

  /** Settles a conflict: `mine` goes on top of theirs (theirs stays among the versions), `theirs` replaces mine. */
  async function settle(choice: "mine" | "theirs"): Promise<void> {
    const theirs = conflict.value;
    if (!theirs) return;
    revision.value = theirs.revision;
    conflict.value = null;
    if (choice === "mine") {
      await save();
      return;
    }
    dropDraft(theirs.id);
    adopt(theirs, documents.stamp);
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
    return writeDraft(graphId.value, { document: current(), revision: revision.value, time: Date.now() });
  };
  function keepSoon(): void {
    if (session.readOnly) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (documents.isModified) writeNow();
      else dropDraft(graphId.value);
    }, DRAFT_DELAY);
  }
  /** Keeps a draft after every change; returns the function that stops it. */
  function startDrafts(): () => void {
    const stop = documents.listen((_, cause) => cause !== "load" && keepSoon());
    // A tab may close before the delay is over; work that cannot be kept is worth a question.
    const guard = (event: BeforeUnloadEvent) => {
      if (!documents.isModified || session.readOnly) return;
      if (!writeNow()) event.preventDefault();
    };
    addEventListener("beforeunload", guard);
    return () => {
      stop();
      clearTimeout(timer);
      removeEventListener("beforeunload", guard);
    };
  }

  return {
    graphId,
    revision,
    isOpening,
    problem,
    isSaving,
    savedAt,
    conflict,
    templates,
    isModified,
    current,
    loadTemplates,
    open,
    openFirst,
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
