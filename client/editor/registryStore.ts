/** What this server has besides node types: data sets and models that people added, and example graphs. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { listDatasets, listModels } from "../api/uploads";
import { wireUsage } from "../document/wireUsage";

export const useRegistryStore = defineStore("registry", () => {
  const datasets = shallowRef<readonly UserDatasetInfo[]>([]);
  const models = shallowRef<readonly UserModelInfo[]>([]);

  /** Good graphs to learn from: the templates. */
  const examples = shallowRef<readonly GraphDocument[]>([]);
  const usage = computed(() => wireUsage(examples.value));

  async function refresh(): Promise<void> {
    [datasets.value, models.value] = await Promise.all([listDatasets(), listModels()]);
  }
  return { datasets, models, examples, usage, refresh };
});
