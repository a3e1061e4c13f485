/** Adds a node where the person looks: at the pointer or in the middle of the view, beside what is there. */
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { newNode } from "../document/defaults";
import { say } from "../language";
import type { useDocumentStore } from "./documentStore";
import type { useSessionStore } from "./sessionStore";

type Documents = ReturnType<typeof useDocumentStore>;
type Session = ReturnType<typeof useSessionStore>;

/** Where nothing begins yet. */
export function freePlace(documents: Documents, session: Session): { x: number; y: number } {
  const at = session.view?.pointer() ?? { x: 0, y: 0 };
  const isTaken = (x: number, y: number) =>
    [...documents.graph().nodes.values()].some(
      (node) => Math.abs(node.position.x - x) < 20 && Math.abs(node.position.y - y) < 20,
    );
  let x = Math.round(at.x / 20) * 20 - 100;
  let y = Math.round(at.y / 20) * 20 - 40;
  while (isTaken(x, y)) {
    x += 40;
    y += 40;
  }
  return { x, y };
}

export function addInView(documents: Documents, session: Session, definition: NodeDefinition): void {
  if (session.readOnly) return;
  const node = newNode(definition, freePlace(documents, session), documents.document());
  documents.edit(say.document.edits.add(definition.title), (t) => t.addNode(node));
  session.view?.reveal(node.id);
}
