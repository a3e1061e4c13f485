/** Whether charts have a logarithmic axis: as is usual for what they show, unless it was switched by hand. */
import { ref } from "vue";

export function useAxes() {
  const switched = ref<ReadonlySet<string>>(new Set());
  return {
    isLogarithmic: ({ id, logarithmic }: { id: string; logarithmic: boolean }): boolean =>
      logarithmic !== switched.value.has(id),
    toggle(id: string): void {
      const next = new Set(switched.value);
      if (!next.delete(id)) next.add(id);
      switched.value = next;
    },
  };
}
