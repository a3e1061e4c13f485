/** What commands may ask of the canvas (`CanvasView`): fit, zoom, reveal. */
import { nextTick } from "vue";
import type { CanvasView, useSessionStore, Viewport } from "../editor/sessionStore";
import { ZOOM } from "./reteView";
import type { Scene } from "./scene";
import type { Rect } from "./spatialIndex";
import { nearestCurve, type Point } from "./wirePath";

const FIT_PADDING = 20;

export interface CanvasViewParts {
  readonly session: ReturnType<typeof useSessionStore>;
  readonly scene: Scene;
  size(): { width: number; height: number };
  setViewport(viewport: Viewport): void;
  elementOf(node: string): HTMLElement | undefined;
  /** Last pointer position in the graph while the pointer is over the canvas. */
  pointer(): Point | null;
  openAddMenu(wire?: string | null): void;
  focus(): void;
}

/** The viewport that shows `rect` whole, at most at 100 %. */
export function viewportFor(rect: Rect, size: { width: number; height: number }): Viewport {
  const zoom = Math.max(
    ZOOM.min,
    Math.min(
      1,
      (size.width - 2 * FIT_PADDING) / Math.max(1, rect.width),
      (size.height - 2 * FIT_PADDING) / Math.max(1, rect.height),
    ),
  );
  return {
    x: size.width / 2 - (rect.x + rect.width / 2) * zoom,
    y: size.height / 2 - (rect.y + rect.height / 2) * zoom,
    zoom,
  };
}

export function useCanvasView(parts: CanvasViewParts): CanvasView {
  const { session, scene } = parts;
  const middle = (): Point => {
    const { viewport } = session;
    const { width, height } = parts.size();
    return { x: (width / 2 - viewport.x) / viewport.zoom, y: (height / 2 - viewport.y) / viewport.zoom };
  };
  function zoomTo(zoom: number): void {
    const { width, height } = parts.size();
    const next = Math.min(ZOOM.max, Math.max(ZOOM.min, zoom));
    const centre = middle();
    parts.setViewport({ x: width / 2 - centre.x * next, y: height / 2 - centre.y * next, zoom: next });
  }
  return {
    fit(ids) {
      const rect = scene.bounds(ids);
      if (rect) parts.setViewport(viewportFor(rect, parts.size()));
    },
    show(rect) {
      const room = { x: rect.x - 60, y: rect.y - 60, width: rect.width + 120, height: rect.height + 120 };
      parts.setViewport(viewportFor(room, parts.size()));
    },
    zoomTo,
    zoomBy: (factor) => zoomTo(session.viewport.zoom * factor),
    setViewport: parts.setViewport,
    reveal(node) {
      const rect = scene.rect(node);
      if (!rect) return;
      session.select([node]);
      const { viewport } = session;
      const { width, height } = parts.size();
      const zoom = Math.max(0.6, viewport.zoom);
      const left = rect.x * zoom + viewport.x;
      const top = rect.y * zoom + viewport.y;
      const inView =
        left > 16 && top > 16 && left + rect.width * zoom < width - 16 && top + rect.height * zoom < height - 16;
      if (!inView || zoom !== viewport.zoom)
        parts.setViewport({
          x: width / 2 - (rect.x + rect.width / 2) * zoom,
          y: height / 2 - (rect.y + rect.height / 2) * zoom,
          zoom,
        });
      requestAnimationFrame(() => void focusCard(node));
    },
    pointer: () => parts.pointer() ?? middle(),
    openAddMenu: parts.openAddMenu,
    stretchAt: (wire, point) => nearestCurve(scene.wire(wire)?.curves ?? [], point).index,
    focus: parts.focus,
    sizeOf: (node) => scene.rect(node) ?? { width: 220, height: 120 },
  };

  async function focusCard(node: string): Promise<void> {
    // A card may come some frames after the view has got there.
    for (let frames = 0; frames < 60 && session.soleNode === node; frames++) {
      await nextTick();
      const card = parts.elementOf(node)?.querySelector<HTMLElement>("[data-node]");
      card?.focus({ preventScroll: true });
      if (card) return;
      await new Promise((done) => requestAnimationFrame(done));
    }
  }
}
