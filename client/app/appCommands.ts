/** Commands of the app around the editor: runs, files, panels. */
import { emptyDocument } from "@distillery/shared/graph/document";
import { PROFILE_STEPS } from "@distillery/shared/profile/profile";
import { type Command, named } from "../editor/commandStore";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
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

const words = say.commands;
const { reasons } = words;

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
  const cannotSave = () => (canEdit() ? reasons.isSaving : reasons.readOnlySave);

  return [
    {
      ...named("run.start"),
      group: "run",
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
        if (!canEdit()) return reasons.readOnlyRun;
        if (run.isActive || run.pending !== "") return reasons.running;
        if (errors.length > 0) return errors.length === 1 ? (errors[0]?.message ?? "") : reasons.errors(errors.length);
        return reasons.emptyGraph;
      },
      run: () => bench.start(),
    },
    {
      id: "run.profile",
      title: words.profile(PROFILE_STEPS),
      group: "run",
      canExecute: () =>
        run.isActive ||
        (canEdit() && run.pending === "" && validation.errors.length === 0 && documents.nodeIds.length > 0),
      whyNot: () => reasons.mustRun,
      run: bench.profile,
    },
    {
      ...named("view.heat"),
      group: "view",
      canExecute: () => profiles.profile !== null,
      whyNot: () => reasons.notProfiled,
      isOn: () => profiles.isHeatShown,
      run: () => {
        profiles.isHeatShown = !profiles.isHeatShown;
      },
    },
    {
      ...named("run.several"),
      group: "run",
      keys: ["Shift+R"],
      canExecute: () => canEdit() && validation.errors.length === 0 && documents.nodeIds.length > 0,
      whyNot: () => (canEdit() ? reasons.cannotRunYet : reasons.readOnlyRun),
      run: () => {
        dialogs.several = { run: null };
      },
    },
    {
      ...named("run.notify"),
      group: "run",
      run: () => notify.toggle(),
    },
    {
      ...named("diff.next"),
      group: "view",
      keys: ["F7"],
      canExecute: () => diff.isShown,
      whyNot: () => reasons.notComparing,
      run: () => diff.step(1),
    },
    {
      ...named("diff.previous"),
      group: "view",
      keys: ["Shift+F7"],
      canExecute: () => diff.isShown,
      whyNot: () => reasons.notComparing,
      run: () => diff.step(-1),
    },
    {
      ...named("diff.close"),
      group: "view",
      canExecute: () => diff.isShown,
      whyNot: () => reasons.notComparing,
      run: () => diff.close(),
    },
    {
      ...named("run.pause"),
      group: "run",
      keys: ["Mod+."],
      canExecute: () => run.status === "running",
      whyNot: () => reasons.notRunning,
      run: () => bench.control("pause"),
    },
    {
      ...named("run.resume"),
      group: "run",
      keys: ["Mod+."],
      canExecute: () => run.status === "paused",
      whyNot: () => reasons.notPaused,
      run: () => bench.control("resume"),
    },
    {
      ...named("run.cancel"),
      group: "run",
      keys: ["Mod+Shift+Enter"],
      canExecute: () => run.isActive && run.status !== "cancelling",
      whyNot: () => (run.isActive ? reasons.ending : reasons.notRunning),
      run: () => bench.control("cancel"),
    },
    {
      ...named("help.search"),
      group: "help",
      keys: ["Mod+K"],
      whileTyping: true,
      canExecute: () => dialogs.open === null,
      run: () => dialogs.show("search"),
    },
    {
      ...named("file.open"),
      group: "file",
      keys: ["Mod+O"],
      run: () => dialogs.show("gallery"),
    },
    {
      ...named("file.quickStart"),
      group: "file",
      canExecute: () => quickStart() !== undefined && documents.meta.name !== quickStart()?.graph.name,
      whyNot: () => reasons.alreadyOpen,
      run: () => {
        const template = quickStart();
        if (template) bench.openTemplate(template);
      },
    },
    {
      ...named("file.new"),
      group: "file",
      keys: ["Alt+N"],
      run: () => bench.openNew(emptyDocument(), true),
    },
    {
      ...named("tab.close"),
      group: "file",
      keys: ["Alt+W"],
      run: () => bench.closeTab(workspace.active),
    },
    {
      ...named("tab.next"),
      group: "file",
      keys: ["Alt+PageDown", "Mod+PageDown"],
      whileTyping: true,
      canExecute: () => workspace.tabs.length > 1,
      whyNot: () => reasons.oneGraphOpen,
      run: () => bench.stepTab(1),
    },
    {
      ...named("tab.previous"),
      group: "file",
      keys: ["Alt+PageUp", "Mod+PageUp"],
      whileTyping: true,
      canExecute: () => workspace.tabs.length > 1,
      whyNot: () => reasons.oneGraphOpen,
      run: () => bench.stepTab(-1),
    },
    {
      ...named("file.save"),
      group: "file",
      keys: ["Mod+S"],
      whileTyping: true,
      canExecute: canSave,
      whyNot: cannotSave,
      run: bench.save,
    },
    {
      ...named("file.saveCopy"),
      group: "file",
      keys: ["Mod+Shift+S"],
      whileTyping: true,
      canExecute: canSave,
      whyNot: cannotSave,
      run: bench.saveCopy,
    },
    {
      ...named("file.versions"),
      group: "file",
      canExecute: () => workspace.graphId !== null,
      whyNot: () => reasons.neverSaved,
      run: () => dialogs.show("versions"),
    },
    {
      ...named("file.revert"),
      group: "file",
      canExecute: () => canEdit() && workspace.isModified,
      whyNot: () => reasons.nothingUnsaved,
      run: () => bench.attempt(() => workspace.revert()),
    },
    { ...named("file.share"), group: "file", canExecute: canSave, run: () => dialogs.show("share") },
    { ...named("file.import"), group: "file", keys: ["Mod+I"], run: bench.importFile },
    {
      ...named("file.importText"),
      group: "file",
      run: () => dialogs.show("import"),
    },
    { ...named("file.exportJson"), group: "file", keys: ["Mod+E"], run: bench.exportJson },
    {
      ...named("file.exportPng"),
      group: "file",
      keys: ["Mod+Shift+E"],
      run: bench.exportPng,
    },
    { ...named("file.exportSvg"), group: "file", run: bench.exportSvg },
    { ...named("file.exportHtml"), group: "file", run: bench.exportHtml },
    { ...named("file.data"), group: "file", canExecute: canEdit, run: () => dialogs.show("data") },
    {
      ...named("view.playground"),
      group: "view",
      keys: ["P"],
      run: () => bench.openPlayground((run.log?.step ?? 0) > 0 ? run.runId : null),
    },
    { ...named("view.arena"), group: "view", keys: ["B"], run: bench.openArena },
    { ...named("view.panels"), group: "view", keys: ["J"], run: () => dock.toggle() },
    ...DOCK_TABS.map(
      (tab, i): Command => ({
        id: `view.${tab.id}`,
        title: words.panel(tab.label),
        group: "view",
        keys: [`Alt+${i + 1}`],
        run: () => dock.ask(tab.id),
      }),
    ),
    {
      ...named("view.settings"),
      group: "view",
      keys: ["Mod+,"],
      // From the search, too, which is gone by then.
      canExecute: () => dialogs.open === null || dialogs.open === "search",
      run: () => dialogs.show("settings"),
    },
    {
      ...named("help.tour"),
      group: "help",
      canExecute: () => tourTemplate() !== undefined,
      whyNot: () => reasons.noTourTemplate,
      run: () => {
        const template = tourTemplate();
        if (!template) return;
        if (documents.meta.name !== template.graph.name) bench.openNew(template.graph, true);
        tour.start();
      },
    },
    {
      ...named("help.node"),
      group: "help",
      keys: ["F1"],
      whileTyping: true,
      run: () => {
        const node = session.soleNode === null ? undefined : documents.graph().nodes.get(session.soleNode);
        navigate({ page: "help", type: node && documents.library.get(node.type) ? node.type : null });
      },
    },
    { ...named("help.about"), group: "help", run: () => dialogs.show("about") },
  ];
}
