/** How far the guided tour is; kept in this browser, so that a reload goes on where it was. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { z } from "zod";
import { readKept, writeKept } from "../settings/kept";
import { STEPS } from "./steps";

const schema = z.object({
  /** Id of the step on the screen; null when the tour is not under way. */
  step: z.string().nullable(),
  /** Taken to its end, or turned down: it is not offered again. */
  isSettled: z.boolean(),
});

export const useTourStore = defineStore("tour", () => {
  const kept = readKept("tour", schema, { step: null, isSettled: false });
  const index = ref(STEPS.findIndex(({ id }) => id === kept.step));
  const isSettled = ref(kept.isSettled);
  /** Steps whose control was moved by hand. */
  const moved = shallowRef<ReadonlySet<string>>(new Set());

  const step = computed(() => STEPS[index.value] ?? null);
  const keep = (): void => writeKept("tour", { step: step.value?.id ?? null, isSettled: isSettled.value });

  function go(to: number): void {
    index.value = to;
    keep();
  }
  function end(): void {
    isSettled.value = true;
    go(-1);
  }
  return {
    step,
    index,
    isSettled,
    moved,
    count: STEPS.length,
    start: () => {
      moved.value = new Set();
      go(0);
    },
    next: () => (index.value + 1 < STEPS.length ? go(index.value + 1) : end()),
    back: () => go(Math.max(0, index.value - 1)),
    end,
    noteMoved: (id: string) => {
      moved.value = new Set([...moved.value, id]);
    },
  };
});
