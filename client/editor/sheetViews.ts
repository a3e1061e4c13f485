/** Going from sheet to sheet: each is seen as it was left, and nothing of another stays selected. */
import { onBeforeUnmount } from "vue";
import type { useDocumentStore } from "./documentStore";
import type { useSessionStore, Viewport } from "./sessionStore";

export function useSheetViews(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
): void {
  const left = new Map<string, Viewport>();
  let open = documents.path;

  const stop = documents.listen((_, cause) => {
    if (cause === "load") {
      left.clear();
      open = [];
    }
    if (cause !== "open") return;
    left.set(open.join("/"), session.viewport);
    open = documents.path;
    session.clearSelection();
    const before = left.get(open.join("/"));
    requestAnimationFrame(() => {
      if (before) session.view?.setViewport(before);
      else session.view?.fit();
    });
  });
  onBeforeUnmount(stop);
}
