/** Parts kept on this server, and what the open graph has of them. */
import type { PartSummary } from "@distillery/shared/protocol/parts";
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { createPart, deletePart, getPart, listParts, savePart } from "../api/parts";
import { insertPart, link, partOf, unlink, updateFromPart } from "../document/parts";
import { say } from "../language";
import { freePlace } from "./addInView";
import { useDocumentStore } from "./documentStore";
import { useSessionStore } from "./sessionStore";

const { edits } = say.document;

export const usePartStore = defineStore("parts", () => {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const parts = shallowRef<readonly PartSummary[]>([]);

  async function refresh(): Promise<void> {
    parts.value = await listParts();
  }
  const headOf = (subgraph: string) => documents.document().heads.get(subgraph);
  /** The part a subgraph is linked to, where the library still has it. */
  function linkedTo(subgraph: string): (PartSummary & { isNewer: boolean }) | null {
    const source = headOf(subgraph)?.source;
    const part = parts.value.find(({ id }) => id === source?.part);
    return part && source ? { ...part, isNewer: part.revision > source.revision } : null;
  }
  async function add(id: string, isLinked: boolean): Promise<void> {
    const record = await getPart(id);
    const position = freePlace(documents, session);
    const node = documents.edit(edits.add(record.name), (t) => insertPart(t, record, position, isLinked));
    session.view?.reveal(node);
  }
  /** Keeps a subgraph as a new part, and links it. */
  async function keep(subgraph: string): Promise<void> {
    const record = await createPart(partOf(documents.document(), subgraph));
    documents.edit(edits.keepPart, (t) => link(t, subgraph, record));
    await refresh();
  }
  /** Saves a linked subgraph as the part's next revision. */
  async function publish(subgraph: string): Promise<void> {
    const source = headOf(subgraph)?.source;
    if (!source) return;
    const record = await savePart(source.part, source.revision, partOf(documents.document(), subgraph));
    documents.edit(edits.savePart, (t) => link(t, subgraph, record));
    await refresh();
  }
  async function update(subgraph: string): Promise<void> {
    const source = headOf(subgraph)?.source;
    if (!source) return;
    const record = await getPart(source.part);
    documents.edit(edits.updatePart(record.name), (t) => updateFromPart(t, subgraph, record));
  }
  async function remove(id: string): Promise<void> {
    await deletePart(id);
    await refresh();
  }
  return {
    parts,
    refresh,
    linkedTo,
    add,
    keep,
    publish,
    update,
    remove,
    unlink: (subgraph: string) => documents.edit(edits.unlinkPart, (t) => unlink(t, subgraph)),
  };
});
