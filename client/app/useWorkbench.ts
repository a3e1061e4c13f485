/** What the commands of the app do, joining the graph, the runs and the pages. */
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import { PROFILE_STEPS, WARM_UP_STEPS } from "@distillery/shared/profile/profile";
import type { OverridesInput, RunRecord } from "@distillery/shared/protocol/rest";
import type { Batch } from "@distillery/shared/run/batch";
import { ApiError } from "../api/apiError";
import {
  getRun,
  getTemplate,
  type Preset,
  profileRun,
  recordRun,
  serverSource,
  startBatch as startBatchOn,
  type Template,
} from "../api/server";
import { useDocumentStore } from "../editor/documentStore";
import { useFlatStore } from "../editor/flatStore";
import { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { useDockStore } from "../panels/dockStore";
import { holdsNodesOf } from "../run/graphDiff";
import { useGraphDiffStore } from "../run/graphDiffStore";
import { useProfileStore } from "../run/profileStore";
import type { RunActions } from "../run/runActions";
import { useRunStore } from "../run/runStore";
import { takeValues } from "../run/runValues";
import { formatTime } from "../viewers/format";
import { useDialogStore } from "./dialogStore";
import { exportHtml, exportJson, exportPng, exportSvg } from "./graphFiles";
import { forgetRun, lastRunOf, rememberRun } from "./lastRun";
import { useNoticeStore } from "./noticeStore";
import { GRAPH_FILES, readGraphFile, readGraphText } from "./readGraph";
import { navigate } from "./router";
import { useRunSettings } from "./runSettings";
import type { Tab } from "./tabs";
import { useValidationStore } from "./validationStore";
import { type Opened, useWorkspaceStore } from "./workspaceStore";

const words = say.app.work;

export interface BatchRequest {
  /** Null for the graph on the canvas. */
  document: GraphDocument | null;
  batch: Batch;
  seed: number;
  label: string;
  overrides: OverridesInput;
}

export function useWorkbench() {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const flat = useFlatStore();
  const workspace = useWorkspaceStore();
  const validation = useValidationStore();
  const run = useRunStore();
  const settings = useRunSettings();
  const dialogs = useDialogStore();
  const notices = useNoticeStore();
  const dock = useDockStore();
  const profiles = useProfileStore();
  const diff = useGraphDiffStore();

  /** Does something that may fail and says so. */
  async function attempt(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      notices.fail(error);
    }
  }
  const tell = (found: readonly string[]): void => {
    const [first] = found;
    if (first === undefined) return;
    const more = found.length - 1;
    const text = more === 0 ? first : say.app.andMore(first, more);
    notices.show("warning", text, { label: words.whatChanged, run: () => dialogs.show("report") });
  };
  /** Says what there is to know of a graph that came on the screen. */
  function welcome({ notices: found, restored }: Opened): void {
    tell(found);
    if (restored)
      notices.show("info", words.restored(formatTime(restored.time, Date.now())), {
        label: words.discard,
        run: () => void attempt(() => workspace.revert()),
      });
  }

  const start = (overrides: OverridesInput = {}, profiled?: number): Promise<void> =>
    attempt(async () => {
      const stored = workspace.isModified ? undefined : (workspace.graphId ?? undefined);
      try {
        const started = await run.start(
          workspace.current(),
          { device: settings.device, ...overrides },
          stored,
          profiled,
        );
        rememberRun(workspace.place, started.id);
      } catch (error) {
        if (error instanceof ApiError && error.issues.length > 0) {
          validation.adopt(error.issues);
          dock.show("issues");
        }
        throw error;
      }
      if (dock.tab === "issues" || dock.tab === "runs" || dock.isFolded) showTrajectories();
    });
  /** Measures steps of the run in view, or of a short one of its own. */
  const profile = (): Promise<void> =>
    attempt(async () => {
      dock.show("profile");
      if (run.runId && run.isActive) {
        await profileRun(run.runId, PROFILE_STEPS);
        profiles.expect(false);
      } else {
        await start({ steps: PROFILE_STEPS + WARM_UP_STEPS }, PROFILE_STEPS);
        profiles.expect(true);
      }
    });
  /**
   * Goes on from a run's last checkpoint: with what is on the canvas where that is the run's graph, whatever its values are now,
   * else with the graph as it ran. A run that got as far as the graph plans is given as many steps again.
   */
  const continueRun = (record: RunRecord): Promise<void> =>
    attempt(async () => {
      const { graph } = await getRun(record.id);
      if (!holdsNodesOf(workspace.current(), graph)) openNew(graph, false);
      const { plannedSteps } = await import("@distillery/shared/compile/duration");
      const planned = plannedSteps(workspace.current(), documents.library);
      await start({ from: record.id, ...(record.step >= planned ? { steps: record.step + planned } : {}) });
    });
  /** Runs a run's own graph again, with other values. */
  const runAgain = (record: RunRecord): Promise<void> =>
    attempt(async () => {
      dialogs.several = { run: await getRun(record.id) };
    });
  /** Queues several runs, of the graph on the canvas unless another is given; tells whether they were taken. */
  async function startBatch({ document, batch, seed, label, overrides }: BatchRequest): Promise<boolean> {
    try {
      const stored = document || workspace.isModified ? null : workspace.graphId;
      const graph = stored ? { graphId: stored } : { graph: document ?? workspace.current() };
      const all = { device: settings.device, ...overrides, seed };
      const started = await startBatchOn({ ...graph, ...batch, overrides: all, ...(label === "" ? {} : { label }) });
      dock.show("queue");
      const [first] = started;
      if (!run.isActive && first) {
        await run.attach(first.id);
        rememberRun(workspace.place, first.id);
      }
      notices.show("success", words.queued(started.length));
      return true;
    } catch (error) {
      notices.fail(error);
      return false;
    }
  }
  /** Unfolding the panels takes room from the canvas: what was in view stays in view. */
  function showTrajectories(): void {
    const wasFolded = dock.isFolded;
    dock.show("trajectories");
    if (wasFolded) requestAnimationFrame(() => requestAnimationFrame(() => session.view?.fit()));
  }
  const control = (verb: "pause" | "resume" | "cancel"): Promise<void> => attempt(() => run.control(verb));

  async function view(id: string): Promise<void> {
    await attempt(async () => {
      await run.attach(id);
      rememberRun(workspace.place, id);
      showTrajectories();
    });
  }
  /** After opening a graph: its last run, as it was when the page was left. */
  async function resumeView(): Promise<void> {
    run.detach();
    const id = await lastRunOf(workspace.place, workspace.graphId).catch(() => null);
    if (id === null) return;
    await run.attach(id).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) forgetRun(workspace.place);
      else notices.fail(error);
    });
  }

  /** Saves what is open; a graph stored for the first time gets an address, and keeps the run in view. */
  async function store(): Promise<"saved" | "created" | "conflict"> {
    const before = workspace.place;
    const outcome = await workspace.save();
    if (outcome === "created") {
      if (run.runId) rememberRun(workspace.place, run.runId);
      forgetRun(before);
      navigate({ page: "editor", graphId: workspace.graphId });
    }
    return outcome;
  }
  const save = (): Promise<void> =>
    attempt(async () => {
      const outcome = await store();
      if (outcome === "conflict") return;
      notices.show("success", outcome === "created" ? words.created : words.saved);
    });
  const saveCopy = (): Promise<void> =>
    attempt(async () => {
      await workspace.saveCopy(words.copyOf(documents.meta.name));
      navigate({ page: "editor", graphId: workspace.graphId });
      notices.show("success", words.savedCopy);
    });

  /** Shows another document as a new, unsaved graph. */
  function openNew(document: unknown, isTemplate: boolean): void {
    tell(workspace.openNew(document, { isTemplate }));
    run.detach();
    forgetRun(workspace.place);
    navigate({ page: "editor", graphId: null });
  }
  const openTemplate = (template: Template, preset?: Preset): Promise<void> =>
    attempt(async () => {
      const { graph } = preset === undefined ? template : await getTemplate(template.id, preset.id);
      openNew(graph, true);
    });
  const openGraph = (id: string): void => navigate({ page: "editor", graphId: id });

  /** Another open graph, with its last run. */
  const showTab = (tab: Tab): Promise<void> => arriveAt(() => workspace.switchTo(tab.key));
  const arriveAt = (move: () => Promise<Opened>): Promise<void> =>
    attempt(async () => {
      const before = workspace.active.key;
      welcome(await move());
      navigate({ page: "editor", graphId: workspace.graphId });
      if (workspace.active.key !== before) await resumeView();
    });
  /** Unsaved work is asked for first, in sight. */
  async function closeTab(tab: Tab): Promise<void> {
    const close = () => void arriveAt(() => workspace.close(tab.key));
    if (!workspace.seen(tab).isModified) {
      close();
      return;
    }
    await showTab(tab);
    dialogs.question = { proceed: close };
  }
  /** The tab so many places further, round and round. */
  function stepTab(by: 1 | -1): void {
    const { tabs, active } = workspace;
    const at = tabs.findIndex(({ key }) => key === active.key);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next) void showTab(next);
  }
  const openFile = (file: File): Promise<void> =>
    attempt(async () => {
      const document = await readGraphFile(file);
      openImported(document);
    });
  const openImported = (document: unknown): void => openNew(document, false);
  /** A text that was pasted or dropped: a graph, or a link to one. */
  const openText = (text: string): Promise<void> => attempt(async () => openImported(await readGraphText(text)));
  function importFile(): void {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = GRAPH_FILES;
    input.onchange = () => {
      const [file] = input.files ?? [];
      if (file) void openFile(file);
    };
    input.click();
  }

  const openGraphOf = (record: RunRecord): Promise<void> =>
    attempt(async () => {
      const detail = await getRun(record.id);
      openNew(detail.graph, false);
      void view(record.id);
    });
  /** Takes over the parameters a run had, for the nodes that are still there; one undo step. */
  const useValues = (record: RunRecord): Promise<void> =>
    attempt(async () => {
      const { graph } = await getRun(record.id);
      const { seed } = graph;
      const present = workspace.current();
      const count = documents.edit(words.useValues, (t) => takeValues(t, present, graph, documents.library));
      notices.show("success", count === 0 ? words.sameValues(seed) : words.valuesUsed(seed, count), {
        label: say.commands.titles["edit.undo"],
        run: () => documents.undo(),
      });
    });

  /** Uses a run's networks; the bundled teacher when no run has trained anything yet. */
  const openArena = (): void => navigate({ page: "arena", id: null });
  const openPlayground = (run: string | null): void => navigate({ page: "playground", run });

  const openCompare = (runs: readonly string[]): void => navigate({ page: "compare", runs });
  /** Marks what the open graph has differently from a run's; with `of`, that run's graph is opened first. */
  const showDifferences = (from: RunRecord, of?: RunRecord): Promise<void> =>
    attempt(async () => {
      const [before, after] = await Promise.all([getRun(from.id), of && getRun(of.id)]);
      const mark = () => {
        dock.isLarge = false;
        diff.show(from.label || from.graphName, before.graph);
      };
      if (after) openNew(after.graph, false);
      mark();
    });

  /** Leads to what an issue is about. */
  function jump({ node, edge }: Pick<Issue, "node" | "edge">): void {
    dock.isLarge = false;
    const target = node ?? edge?.to.node;
    if (target !== undefined) flat.lead(target, edge);
  }

  const runActions: RunActions = {
    view: ({ id }) => void view(id),
    useValues: (record) => void useValues(record),
    openGraph: (record) => void openGraphOf(record),
    again: (record) => void runAgain(record),
    continueRun: (record) => void continueRun(record),
    playground: ({ id }) => openPlayground(id),
    compare: openCompare,
    showDifferences: (from, of) => void showDifferences(from, of),
    jump: (node) => jump({ node }),
  };

  return {
    attempt,
    tell,
    welcome,
    showTab,
    closeTab,
    stepTab,
    start,
    continueRun,
    profile,
    runActions,
    showDifferences,
    startBatch,
    control,
    view,
    resumeView,
    store,
    save,
    saveCopy,
    openNew,
    openTemplate,
    openGraph,
    openFile,
    importFile,
    openGraphOf,
    useValues,
    jump,
    openArena,
    openPlayground,
    openImported,
    openText,
    exportJson: () => exportJson(workspace.exported()),
    exportSvg: () => exportSvg(workspace.exported(), documents.library),
    exportPng: () => attempt(() => exportPng(workspace.exported(), documents.library)),
    exportHtml: () =>
      attempt(async () => {
        const { log } = run;
        const recorded = log && { run: await recordRun(log.runId), source: serverSource(log.runId) };
        await exportHtml(workspace.exported(), documents.library, recorded);
      }),
  };
}
export type Workbench = ReturnType<typeof useWorkbench>;
