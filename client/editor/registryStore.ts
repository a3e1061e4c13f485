/** Data sets and models that people have added to this server. */
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { listDatasets, listModels } from "../api/uploads";

export const useRegistryStore = defineStore("registry", () => {
  const datasets = shallowRef<readonly UserDatasetInfo[]>([]);
  const models = shallowRef<readonly UserModelInfo[]>([]);

  async function refresh(): Promise<void> {
    [datasets.value, models.value] = await Promise.all([listDatasets(), listModels()]);
  }
  return { datasets, models, refresh };
});
