/** Commands of the app around the editor: runs, files, panels. */
import { emptyDocument } from "@distillery/shared/graph/document";
import { PROFILE_STEPS } from "@distillery/shared/profile/profile";
import type { Command } from "../editor/commandStore";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import { DOCK_TABS, useDockStore } from "../panels/dockStore";
import { useGraphDiffStore } from "../run/graphDiffStore";
import { useProfileStore } from "../run/profileStore";
import { useRunStore } from "../run/runStore";
import { TEMPLATE } from "../tour/steps";
import { useTourStore } from "../tour/tourStore";
import { useDialogStore } from "./dialogStore";
import { navigate } from "./router";
import { useNotifySetting } from "./runNotifier";
import type { Workbench } from "./useWorkbench";
import { useValidationStore } from "./validationStore";
import { useWorkspaceStore } from "./workspaceStore";

export function appCommands(bench: Workbench): Command[] {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const workspace = useWorkspaceStore();
  const validation = useValidationStore();
  const run = useRunStore();
  const dialogs = useDialogStore();
  const dock = useDockStore();
  const tour = useTourStore();
  const profiles = useProfileStore();
  const diff = useGraphDiffStore();
  const notify = useNotifySetting();
  const canEdit = () => !session.readOnly;
  /** A whole distillation in ten seconds, for whoever is in a hurry. */
  const quickStart = () => workspace.templates.find(({ id }) => id === "std-2d");
  const tourTemplate = () => workspace.templates.find(({ id }) => id === TEMPLATE);
  const canSave = () => canEdit() && !workspace.isSaving;
  const cannotSave = () => (canEdit() ? "It is being saved." : "This graph is shared read only; fork it to save it.");

  return [
    {
      id: "run.start",
      title: "Run",
      group: "Run",
      keys: ["Mod+Enter"],
      whileTyping: true,
      canExecute: () =>
        canEdit() &&
        !run.isActive &&
        run.pending === "" &&
        validation.errors.length === 0 &&
        documents.nodeIds.length > 0,
      whyNot: () => {
        const { errors } = validation;
        if (!canEdit()) return "This graph is shared read only; fork it to run it.";
        if (run.isActive || run.pending !== "") return "A run is in progress.";
        if (errors.length > 0)
          return errors.length === 1 ? (errors[0]?.message ?? "") : `The graph has ${errors.length} errors.`;
        return "The graph is empty.";
      },
      run: () => bench.start(),
    },
    {
      id: "run.profile",
      title: `Profile ${PROFILE_STEPS} steps`,
      group: "Run",
      canExecute: () =>
        run.isActive ||
        (canEdit() && run.pending === "" && validation.errors.length === 0 && documents.nodeIds.length > 0),
      whyNot: () => "The graph has to be one that can run.",
      run: bench.profile,
    },
    {
      id: "view.heat",
      title: "Colour the nodes by their time",
      group: "View",
      canExecute: () => profiles.profile !== null,
      whyNot: () => "Profile some steps first.",
      isOn: () => profiles.isHeatShown,
      run: () => {
        profiles.isHeatShown = !profiles.isHeatShown;
      },
    },
    {
      id: "run.several",
      title: "Run several: seeds or a sweep",
      group: "Run",
      keys: ["Shift+R"],
      canExecute: () => canEdit() && validation.errors.length === 0 && documents.nodeIds.length > 0,
      whyNot: () => (canEdit() ? "The graph cannot run yet." : "This graph is shared read only; fork it to run it."),
      run: () => {
        dialogs.several = { run: null };
      },
    },
    {
      id: "run.notify",
      title: "Tell the desktop when a run ends",
      group: "Run",
      run: () => notify.toggle(),
    },
    {
      id: "diff.next",
      title: "Next difference",
      group: "View",
      keys: ["F7"],
      canExecute: () => diff.isShown,
      whyNot: () => "Nothing is compared with the open graph.",
      run: () => diff.step(1),
    },
    {
      id: "diff.previous",
      title: "Difference before",
      group: "View",
      keys: ["Shift+F7"],
      canExecute: () => diff.isShown,
      whyNot: () => "Nothing is compared with the open graph.",
      run: () => diff.step(-1),
    },
    {
      id: "diff.close",
      title: "Stop comparing",
      group: "View",
      canExecute: () => diff.isShown,
      whyNot: () => "Nothing is compared with the open graph.",
      run: () => diff.close(),
    },
    {
      id: "run.pause",
      title: "Pause",
      group: "Run",
      keys: ["Mod+."],
      canExecute: () => run.status === "running",
      whyNot: () => "No run is in progress.",
      run: () => bench.control("pause"),
    },
    {
      id: "run.resume",
      title: "Resume",
      group: "Run",
      keys: ["Mod+."],
      canExecute: () => run.status === "paused",
      whyNot: () => "No run is paused.",
      run: () => bench.control("resume"),
    },
    {
      id: "run.cancel",
      title: "Cancel the run",
      group: "Run",
      keys: ["Mod+Shift+Enter"],
      canExecute: () => run.isActive && run.status !== "cancelling",
      whyNot: () => (run.isActive ? "The run ends after its step." : "No run is in progress."),
      run: () => bench.control("cancel"),
    },
    {
      id: "help.search",
      title: "Search everything",
      group: "Help",
      keys: ["Mod+K"],
      whileTyping: true,
      canExecute: () => dialogs.open === null,
      run: () => dialogs.show("search"),
    },
    {
      id: "file.open",
      title: "Templates and saved graphs",
      group: "File",
      keys: ["Mod+O"],
      run: () => dialogs.show("gallery"),
    },
    {
      id: "file.quickStart",
      title: "Quick start: STD on 2-D points",
      group: "File",
      canExecute: () => quickStart() !== undefined && documents.meta.name !== quickStart()?.graph.name,
      whyNot: () => "It is open already.",
      run: () => {
        const template = quickStart();
        if (template) bench.openTemplate(template);
      },
    },
    {
      id: "file.new",
      title: "New empty graph",
      group: "File",
      keys: ["Alt+N"],
      run: () => bench.openNew(emptyDocument(), true),
    },
    {
      id: "tab.close",
      title: "Close the graph",
      group: "File",
      keys: ["Alt+W"],
      run: () => bench.closeTab(workspace.active),
    },
    {
      id: "tab.next",
      title: "Next open graph",
      group: "File",
      keys: ["Alt+PageDown", "Mod+PageDown"],
      whileTyping: true,
      canExecute: () => workspace.tabs.length > 1,
      whyNot: () => "Only one graph is open.",
      run: () => bench.stepTab(1),
    },
    {
      id: "tab.previous",
      title: "Previous open graph",
      group: "File",
      keys: ["Alt+PageUp", "Mod+PageUp"],
      whileTyping: true,
      canExecute: () => workspace.tabs.length > 1,
      whyNot: () => "Only one graph is open.",
      run: () => bench.stepTab(-1),
    },
    {
      id: "file.save",
      title: "Save",
      group: "File",
      keys: ["Mod+S"],
      whileTyping: true,
      canExecute: canSave,
      whyNot: cannotSave,
      run: bench.save,
    },
    {
      id: "file.saveCopy",
      title: "Save a copy",
      group: "File",
      keys: ["Mod+Shift+S"],
      whileTyping: true,
      canExecute: canSave,
      whyNot: cannotSave,
      run: bench.saveCopy,
    },
    {
      id: "file.versions",
      title: "Versions",
      group: "File",
      canExecute: () => workspace.graphId !== null,
      whyNot: () => "The graph was never saved.",
      run: () => dialogs.show("versions"),
    },
    {
      id: "file.revert",
      title: "Discard unsaved changes",
      group: "File",
      canExecute: () => canEdit() && workspace.isModified,
      whyNot: () => "There are no unsaved changes.",
      run: () => bench.attempt(() => workspace.revert()),
    },
    { id: "file.share", title: "Share", group: "File", canExecute: canSave, run: () => dialogs.show("share") },
    { id: "file.import", title: "Import a file", group: "File", keys: ["Mod+I"], run: bench.importFile },
    {
      id: "file.importText",
      title: "Import a link or text",
      group: "File",
      run: () => dialogs.show("import"),
    },
    { id: "file.exportJson", title: "Export as JSON", group: "File", keys: ["Mod+E"], run: bench.exportJson },
    {
      id: "file.exportPng",
      title: "Export as PNG, graph inside",
      group: "File",
      keys: ["Mod+Shift+E"],
      run: bench.exportPng,
    },
    { id: "file.exportSvg", title: "Export as SVG, graph inside", group: "File", run: bench.exportSvg },
    { id: "file.exportHtml", title: "Export as a page (HTML), run inside", group: "File", run: bench.exportHtml },
    { id: "file.data", title: "Data and models", group: "File", canExecute: canEdit, run: () => dialogs.show("data") },
    {
      id: "view.playground",
      title: "Playground: restyle a picture",
      group: "View",
      keys: ["P"],
      run: () => bench.openPlayground((run.log?.step ?? 0) > 0 ? run.runId : null),
    },
    { id: "view.arena", title: "Arena: compare methods", group: "View", keys: ["B"], run: bench.openArena },
    { id: "view.panels", title: "Panels under the canvas", group: "View", keys: ["J"], run: () => dock.toggle() },
    ...DOCK_TABS.map((tab, i) => ({
      id: `view.${tab.id}`,
      title: `Panel: ${tab.label}`,
      group: "View",
      keys: [`Alt+${i + 1}`],
      run: () => dock.show(tab.id),
    })),
    {
      id: "view.settings",
      title: "Settings",
      group: "View",
      keys: ["Mod+,"],
      // From the search, too, which is gone by then.
      canExecute: () => dialogs.open === null || dialogs.open === "search",
      run: () => dialogs.show("settings"),
    },
    {
      id: "help.tour",
      title: "Guided tour",
      group: "Help",
      canExecute: () => tourTemplate() !== undefined,
      whyNot: () => "The server has no template for it.",
      run: () => {
        const template = tourTemplate();
        if (!template) return;
        if (documents.meta.name !== template.graph.name) bench.openNew(template.graph, true);
        tour.start();
      },
    },
    {
      id: "help.node",
      title: "Help on the selected node",
      group: "Help",
      keys: ["F1"],
      whileTyping: true,
      run: () => {
        const node = session.soleNode === null ? undefined : documents.graph().nodes.get(session.soleNode);
        navigate({ page: "help", type: node && documents.library.get(node.type) ? node.type : null });
      },
    },
    { id: "help.about", title: "About and server", group: "Help", run: () => dialogs.show("about") },
  ];
}
