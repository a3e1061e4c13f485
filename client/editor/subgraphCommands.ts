/** Commands on subgraphs: fold, unfold, open, and out again. */
import { subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { foldNodes, unfoldNode } from "../document/folding";
import { say } from "../language";
import { type Command, named } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { whenEditable } from "./readOnly";
import type { useSessionStore } from "./sessionStore";

const { reasons, edits } = say.commands;

export function subgraphCommands(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
): Command[] {
  const when = whenEditable(session);
  const isInstance = (id: string): boolean => {
    const node = documents.graph().nodes.get(id);
    const subgraph = node && subgraphIdOf(node);
    return subgraph !== undefined && documents.document().heads.has(subgraph);
  };
  const instances = () => [...session.selectedNodes].filter(isInstance);

  return [
    {
      ...named("subgraph.fold"),
      group: "subgraphs",
      keys: ["Mod+Shift+G"],
      ...when(() => session.selectedNodes.size > 0, reasons.noNode),
      run() {
        const { selectedNodes, selectedFrames } = session;
        const instance = documents.edit(edits.fold, (t) => foldNodes(t, selectedNodes, selectedFrames));
        session.select([instance]);
      },
    },
    {
      ...named("subgraph.unfold"),
      group: "subgraphs",
      keys: ["Mod+Shift+U"],
      ...when(() => instances().length > 0, reasons.noInstance),
      run() {
        const chosen = instances();
        session.select(documents.edit(edits.unfold, (t) => chosen.flatMap((id) => unfoldNode(t, id))));
      },
    },
    {
      ...named("subgraph.open"),
      group: "subgraphs",
      keys: ["O"],
      canExecute: () => session.soleNode !== null && isInstance(session.soleNode),
      whyNot: () => reasons.noInstance,
      run() {
        if (session.soleNode !== null) documents.open([...documents.path, session.soleNode]);
      },
    },
    {
      // Escape clears a selection first.
      ...named("subgraph.leave"),
      group: "subgraphs",
      keys: ["Escape", "U"],
      canExecute: () => documents.path.length > 0,
      whyNot: () => reasons.noSubgraphOpen,
      run() {
        const inner = documents.path.at(-1);
        documents.open(documents.path.slice(0, -1));
        if (inner !== undefined) session.select([inner]);
      },
    },
  ];
}
