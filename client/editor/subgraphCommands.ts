/** Commands on subgraphs: fold, unfold, open, and out again. */
import { subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { foldNodes, unfoldNode } from "../document/folding";
import type { Command } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { whenEditable } from "./readOnly";
import type { useSessionStore } from "./sessionStore";

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
  const noInstance = "No subgraph is selected.";

  return [
    {
      id: "subgraph.fold",
      title: "Fold into a subgraph",
      group: "Subgraphs",
      keys: ["Mod+Shift+G"],
      ...when(() => session.selectedNodes.size > 0, "No node is selected."),
      run() {
        const { selectedNodes, selectedFrames } = session;
        const instance = documents.edit("Fold", (t) => foldNodes(t, selectedNodes, selectedFrames));
        session.select([instance]);
      },
    },
    {
      id: "subgraph.unfold",
      title: "Unfold the subgraph",
      group: "Subgraphs",
      keys: ["Mod+Shift+U"],
      ...when(() => instances().length > 0, noInstance),
      run() {
        const chosen = instances();
        session.select(documents.edit("Unfold", (t) => chosen.flatMap((id) => unfoldNode(t, id))));
      },
    },
    {
      id: "subgraph.open",
      title: "Open the subgraph",
      group: "Subgraphs",
      keys: ["O"],
      canExecute: () => session.soleNode !== null && isInstance(session.soleNode),
      whyNot: () => noInstance,
      run() {
        if (session.soleNode !== null) documents.open([...documents.path, session.soleNode]);
      },
    },
    {
      // Escape clears a selection first.
      id: "subgraph.leave",
      title: "Close the subgraph",
      group: "Subgraphs",
      keys: ["Escape", "U"],
      canExecute: () => documents.path.length > 0,
      whyNot: () => "No subgraph is open.",
      run() {
        const inner = documents.path.at(-1);
        documents.open(documents.path.slice(0, -1));
        if (inner !== undefined) session.select([inner]);
      },
    },
  ];
}
