/** Puts the example of a node type under the open graph, as one step that undo takes back. */
import { fragmentOf, pasteFragment } from "../document/clipboard";
import type { useDocumentStore } from "../editor/documentStore";
import type { useRegistryStore } from "../editor/registryStore";
import type { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { exampleOf } from "./example";

const GAP = 120;

export function insertExample(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
  registry: ReturnType<typeof useRegistryStore>,
  type: string,
): void {
  const example = exampleOf(type, registry.examples, documents.library);
  if (!example || session.readOnly) return;
  const there = [...documents.graph().nodes.values()];
  const bottomOf = (id: string, y: number) => y + (session.view?.sizeOf(id).height ?? 160);
  const at = {
    x: Math.min(...there.map(({ position }) => position.x)),
    y: Math.max(...there.map(({ id, position }) => bottomOf(id, position.y))) + GAP,
  };
  const offset = there.length === 0 ? { x: 0, y: 0 } : at;
  const title = documents.library.get(type)?.title ?? type;
  const pasted = documents.edit(say.document.edits.insertExample(title), (t) =>
    pasteFragment(t, fragmentOf(example.graph), offset),
  );
  session.select(pasted.nodes);
  requestAnimationFrame(() => session.view?.fit(pasted.nodes));
}
