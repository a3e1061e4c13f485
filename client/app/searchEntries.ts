/** What the command palette finds, gathered from the graph, the commands and the server. */
import type { GraphNode } from "@distillery/shared/graph/document";
import { subgraphIdOf } from "@distillery/shared/graph/subgraph";
import type { GraphSummary } from "@distillery/shared/protocol/rest";
import { computed, shallowRef } from "vue";
import { listGraphs } from "../api/server";
import { titleOf } from "../document/connection";
import { addInView } from "../editor/addInView";
import { useCommandStore } from "../editor/commandStore";
import { useDocumentStore } from "../editor/documentStore";
import { useFlatStore } from "../editor/flatStore";
import { FAMILIES, nodeText } from "../editor/nodeSearch";
import { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { useHistoryStore } from "../run/historyStore";
import type { Entry } from "../search/entries";
import { useSettings } from "../settings/settings";
import { formatTime, wordsOf } from "../viewers/format";
import { navigate } from "./router";
import { inOrder } from "./templateGroups";
import type { Workbench } from "./useWorkbench";
import { useWorkspaceStore } from "./workspaceStore";

const words = say.app.entries;
const { groups } = say.commands;

export function useSearchEntries(bench: Workbench) {
  const commands = useCommandStore();
  const documents = useDocumentStore();
  const flat = useFlatStore();
  const session = useSessionStore();
  const workspace = useWorkspaceStore();
  const history = useHistoryStore();
  const settings = useSettings();
  const graphs = shallowRef<readonly GraphSummary[]>([]);

  /** Asks the server again; what it does not answer stays as it was. */
  function refresh(): void {
    void workspace.loadTemplates().catch(() => {});
    void history.refresh();
    void listGraphs().then(
      (found) => {
        graphs.value = found;
      },
      () => {},
    );
  }
  const familyTitle = (family: string | undefined) => FAMILIES.find(({ id }) => id === family)?.title ?? "";

  /** Nodes of every sheet, by the ids that run; and the folded ones of the open sheet. */
  function nodesEverywhere(): readonly GraphNode[] {
    void documents.nodeIds;
    const here = [...documents.graph().nodes.values()];
    return flat.everyNode ? [...flat.everyNode, ...here.filter(subgraphIdOf)] : here;
  }
  const entries = computed((): Entry[] => {
    const now = Date.now();
    return [
      ...[...commands.commands.values()]
        .filter(({ id }) => id !== "help.search")
        .map(({ id, title, group }): Entry => {
          const blocked = commands.whyNot(id);
          return {
            id,
            kind: group === "help" ? "help" : "command",
            title,
            also: [groups[group]],
            detail: groups[group],
            keys: commands.shortcutOf(id),
            icon: group === "help" ? "help" : undefined,
            ...(blocked && { blocked }),
            run: () => void commands.run(id),
          };
        }),
      ...settings.flatMap(({ id, title, help, options }) =>
        options.map(
          (option): Entry => ({
            id: `setting:${id}:${option.label}`,
            kind: "setting",
            title: words.setting(title, option.label),
            also: [help],
            detail: option.isOn() ? words.isOn : "",
            icon: option.isOn() ? "check" : "settings",
            run: () => option.choose(),
          }),
        ),
      ),
      ...nodesEverywhere().map((node): Entry => {
        const definition = documents.library.get(node.type);
        const title = titleOf(node, documents.library);
        return {
          id: `node:${node.id}`,
          kind: "node",
          title,
          also: [node.id, node.type, ...(definition && definition.title !== title ? [definition.title] : [])],
          detail: node.id,
          swatch: `var(--family-${definition?.family ?? "export"})`,
          run: () => bench.jump({ node: node.id }),
        };
      }),
      ...documents.library.all().map(
        (definition): Entry => ({
          ...nodeText(definition),
          id: `add:${definition.type}`,
          kind: "add",
          detail: familyTitle(definition.family),
          swatch: `var(--family-${definition.family})`,
          ...(session.readOnly && { blocked: words.readOnly }),
          run: () => addInView(documents, session, definition),
        }),
      ),
      ...documents.library.all().map(
        (definition): Entry => ({
          ...nodeText(definition),
          id: `help:${definition.type}`,
          kind: "help",
          title: words.helpOn(definition.title),
          detail: familyTitle(definition.family),
          icon: "help",
          run: () => navigate({ page: "help", type: definition.type }),
        }),
      ),
      ...inOrder(workspace.templates).map(
        (template): Entry => ({
          id: `template:${template.id}`,
          kind: "template",
          title: template.name,
          also: [template.id, template.description],
          icon: "gallery",
          run: () => bench.openTemplate(template),
        }),
      ),
      ...inOrder(workspace.templates).flatMap((template) =>
        template.presets.map(
          (preset): Entry => ({
            id: `template:${template.id}:${preset.id}`,
            kind: "template",
            title: `${template.name}: ${preset.title}`,
            also: [template.id, preset.id, preset.description],
            detail: words.fullSize,
            icon: "gallery",
            run: () => bench.openTemplate(template, preset),
          }),
        ),
      ),
      ...graphs.value.map(
        ({ id, name, updatedAt }): Entry => ({
          id: `graph:${id}`,
          kind: "graph",
          title: name,
          also: [id],
          detail: id === workspace.graphId ? words.open : formatTime(updatedAt, now),
          icon: "file",
          run: () => bench.openGraph(id),
        }),
      ),
      ...history.runs.map(
        ({ id, label, graphName, status, seed, createdAt }): Entry => ({
          id: `run:${id}`,
          kind: "run",
          title: label || graphName,
          also: [id, graphName, `${status} ${words.seed(seed)}`],
          detail: words.run(wordsOf(status), seed, formatTime(createdAt, now)),
          icon: "history",
          run: () => void bench.view(id),
        }),
      ),
    ];
  });
  return { entries, refresh };
}
