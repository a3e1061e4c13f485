/** The formula of the open graph, kept up to date; and which node on the canvas a part of it stands for. */
import { type MethodFormula, methodFormula } from "@distillery/shared/formula/methodFormula";
import { flatten } from "@distillery/shared/graph/flatten";
import { onBeforeUnmount, shallowRef, watch } from "vue";
import { useDocumentStore } from "../editor/documentStore";

/** Milliseconds of rest after a change. */
const REST = 150;
const NOTHING: MethodFormula = { objectives: [], where: [] };

export function useMethodFormula() {
  const documents = useDocumentStore();
  const formula = shallowRef<MethodFormula>(NOTHING);
  const places = shallowRef<ReadonlyMap<string, readonly string[]>>(new Map());
  let timer: ReturnType<typeof setTimeout> | undefined;

  function work(): void {
    const document = documents.toDocument({ x: 0, y: 0, zoom: 1 });
    formula.value = methodFormula(document, documents.library);
    places.value = flatten(document).places;
  }
  watch(
    () => documents.revision,
    () => {
      clearTimeout(timer);
      timer = setTimeout(work, REST);
    },
  );
  work();
  onBeforeUnmount(() => clearTimeout(timer));

  /** The node itself, or the instance on the canvas that it lies in. */
  function shownNode(id: string): string {
    const { nodes } = documents.graph();
    return nodes.has(id) ? id : (places.value.get(id)?.find((step) => nodes.has(step)) ?? id);
  }
  /** All parts that a node on the canvas stands for. */
  const partsOf = (node: string): string[] =>
    [...places.value].flatMap(([id, path]) => (id === node || path.includes(node) ? [id] : []));
  return { formula, shownNode, partsOf };
}
