/** The formula of the open graph, kept up to date; and which node on the canvas a part of it stands for. */
import { type MethodFormula, methodFormula } from "@distillery/shared/formula/methodFormula";
import { onBeforeUnmount, shallowRef, watch } from "vue";
import { useDocumentStore } from "../editor/documentStore";
import { useFlatStore } from "../editor/flatStore";

/** Milliseconds of rest after a change. */
const REST = 150;
const NOTHING: MethodFormula = { objectives: [], where: [] };

export function useMethodFormula() {
  const documents = useDocumentStore();
  const flat = useFlatStore();
  const formula = shallowRef<MethodFormula>(NOTHING);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function work(): void {
    formula.value = methodFormula(documents.toDocument({ x: 0, y: 0, zoom: 1 }), documents.library);
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

  /** The nodes of the open sheet that parts belong to, or the instances that hold them. */
  const nodesHere = (parts: readonly string[]): string[] => parts.flatMap((part) => flat.nodeHere(part)?.node ?? []);
  /** All parts that a node of the open sheet stands for. */
  const partsOf = (node: string): string[] => [flat.idOf(node), ...flat.nodesIn(node)];
  return { formula, nodesHere, partsOf };
}
