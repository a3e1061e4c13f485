/** Asks again and again while a component is on the page and somebody can see it. */
import { onBeforeUnmount } from "vue";

export function useRefresh(milliseconds: number, ask: () => void): void {
  const timer = setInterval(() => {
    if (!document.hidden) ask();
  }, milliseconds);
  onBeforeUnmount(() => clearInterval(timer));
}
