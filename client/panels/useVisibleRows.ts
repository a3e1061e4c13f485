/** Which rows of a long table of equal rows are in view; only those are drawn. */
import { computed, onBeforeUnmount, onMounted, type Ref, ref } from "vue";

/** Rows drawn beyond both ends of the view. */
const MARGIN = 8;

export function useVisibleRows(scroller: Ref<HTMLElement | null>, rowHeight: number, count: () => number) {
  const top = ref(0);
  const height = ref(600);
  let observer: ResizeObserver | null = null;
  const read = (): void => {
    top.value = scroller.value?.scrollTop ?? 0;
  };
  onMounted(() => {
    const element = scroller.value;
    if (!element) return;
    element.addEventListener("scroll", read, { passive: true });
    observer = new ResizeObserver(([entry]) => {
      if (entry) height.value = entry.contentRect.height;
    });
    observer.observe(element);
  });
  onBeforeUnmount(() => {
    scroller.value?.removeEventListener("scroll", read);
    observer?.disconnect();
  });
  const first = computed(() => Math.max(0, Math.min(Math.floor(top.value / rowHeight) - MARGIN, count())));
  const last = computed(() => Math.min(count(), Math.ceil((top.value + height.value) / rowHeight) + MARGIN));
  return {
    first,
    last,
    /** Room of the rows that are not drawn. */
    above: computed(() => first.value * rowHeight),
    below: computed(() => Math.max(0, count() - last.value) * rowHeight),
  };
}
