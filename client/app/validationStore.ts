/** What is wrong with the graph as it is now, checked while it is edited. */
import type { Issue } from "@distillery/shared/graph/document";
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { useDocumentStore } from "../editor/documentStore";
import { useRegistryStore } from "../editor/registryStore";
import type { Validator } from "./validation";

/** Milliseconds of rest before the graph is checked. */
const DELAY = 200;

export const useValidationStore = defineStore("validation", () => {
  const documents = useDocumentStore();
  const registry = useRegistryStore();
  const issues = shallowRef<readonly Issue[]>([]);
  /** `node.socket` of an output -> shape of what it gives, where the last check could build the graph. */
  const shapes = shallowRef<ReadonlyMap<string, readonly number[]>>(new Map());
  let validator: Validator | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const errors = computed(() => issues.value.filter((issue) => issue.severity === "error"));
  const warnings = computed(() => issues.value.filter((issue) => issue.severity === "warning"));
  async function check(): Promise<void> {
    clearTimeout(timer);
    if (!validator) return;
    const document = documents.toDocument({ x: 0, y: 0, zoom: 1 });
    const found = await validator({ document, datasets: [...registry.datasets], models: [...registry.models] });
    if (found === null) return;
    issues.value = found.issues;
    shapes.value = found.shapes;
  }
  const checkSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), DELAY);
  };
  /** Checks now and after every change; returns the function that stops it. */
  function start(use: Validator): () => void {
    validator = use;
    void check();
    const stop = documents.listen(checkSoon);
    return () => {
      stop();
      clearTimeout(timer);
      validator = null;
    };
  }
  /** Findings of the server, when it refused what passed here. */
  function adopt(found: readonly Issue[]): void {
    if (found.length > 0) issues.value = found;
  }

  return { issues, shapes, errors, warnings, start, check, checkSoon, adopt };
});
