/** How much on the page moves: as the system asks, everything, or as little as possible. */
import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import { z } from "zod";
import { readKept, writeKept } from "./kept";

const schema = z.enum(["system", "full", "reduced"]);
export type Motion = z.infer<typeof schema>;

export const useMotionStore = defineStore("motion", () => {
  const choice = ref<Motion>(readKept("motion", schema, "system"));
  const query = typeof matchMedia === "function" ? matchMedia("(prefers-reduced-motion: reduce)") : null;
  const systemReduces = ref(query?.matches === true);
  query?.addEventListener("change", () => {
    systemReduces.value = query.matches;
  });
  const isReduced = computed(() => choice.value === "reduced" || (choice.value === "system" && systemReduces.value));
  watch(
    isReduced,
    (reduced) => {
      // `base.css` looks for it.
      if (typeof document !== "undefined") document.documentElement.dataset.motion = reduced ? "reduced" : "full";
    },
    { immediate: true },
  );
  function choose(next: Motion): void {
    choice.value = next;
    writeKept("motion", next);
  }
  return { choice, isReduced, choose };
});
