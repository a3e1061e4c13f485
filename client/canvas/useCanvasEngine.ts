/** Ties document, scene, Rete and the drawing canvases together; one frame at a time, only when something changed. */
import type { Issue } from "@distillery/shared/graph/document";
import { edgeKey } from "@distillery/shared/graph/document";
import { computed, nextTick, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from "vue";
import { titleOf } from "../document/connection";
import type { Diff } from "../document/diff";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore, type Viewport } from "../editor/sessionStore";
import { type CanvasColors, readCanvasColors } from "./canvasColors";
import { FlatPicture } from "./flatPicture";
import { GRID, type Overlay } from "./gestureHost";
import type { NodeLive } from "./nodeRunState";
import { FLAT_BELOW, type GraphPicture, paintGraph, viewRect } from "./paintGraph";
import { paintOverlay } from "./paintOverlay";
import { ReteView } from "./reteView";
import { Scene } from "./scene";
import { type Rect, touches } from "./spatialIndex";

/** Cards are mounted this far outside the view, so that panning rarely mounts. */
const MARGIN = 240;
/** How strongly wires are drawn beside those that stand out. */
const OTHER_WIRES = { shown: 0.5, dimmed: 0.16, hidden: 0 } as const;

export interface CanvasElements {
  root: Ref<HTMLElement | null>;
  area: Ref<HTMLElement | null>;
  wires: Ref<HTMLCanvasElement | null>;
  overlay: Ref<HTMLCanvasElement | null>;
}

export function useCanvasEngine(elements: CanvasElements, live: NodeLive, issues: () => readonly Issue[]) {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const scene = new Scene(documents.graph, documents.library, (id) => live.thumbnailFor(id) !== null);
  const mounted = shallowRef<readonly string[]>([]);
  const holder = shallowRef<HTMLElement | null>(null);
  const overlay: Overlay = { marquee: null, draft: null, insertion: null, refusal: null };
  let rete: ReteView | null = null;
  let colors: CanvasColors | null = null;
  let frame = 0;
  let size = { width: 0, height: 0 };
  let covered: (Rect & { zoom: number }) | null = null;
  let faultyEdges = new Set<string>();
  const flatPicture = new FlatPicture();
  /** Something else than the view's position changed since the last frame. */
  let isStale = true;
  let paintedZoom = 0;

  function requestFrame(): void {
    isStale = true;
    requestMove();
  }
  function requestMove(): void {
    if (frame === 0) frame = requestAnimationFrame(drawFrame);
  }

  function tintOf(id: string): string {
    const node = documents.graph().nodes.get(id);
    const family = documents.library.get(node?.type ?? "")?.family ?? "export";
    return node?.color ?? colors?.family(family) ?? "";
  }

  function drawFrame(): void {
    frame = 0;
    const { viewport } = session;
    const element = elements.root.value;
    if (!element || size.width === 0) return;
    colors ??= readCanvasColors(element);
    const spacing = GRID * viewport.zoom * (viewport.zoom < 0.5 ? 4 : 1);
    element.style.backgroundSize = `${spacing}px ${spacing}px`;
    element.style.backgroundPosition = `${viewport.x}px ${viewport.y}px`;
    updateMounted(false);
    const pixelRatio = devicePixelRatio;
    const wires = fitted(elements.wires.value, pixelRatio);
    if (wires)
      paint(wires, {
        scene,
        graph: documents.graph(),
        viewport,
        ...size,
        pixelRatio,
        colors,
        selectedNodes: session.selectedNodes,
        selectedFrames: session.selectedFrames,
        selectedEdge: session.selectedEdge,
        hoveredEdge: session.hoveredEdge,
        selectedPoint: session.selectedPoint,
        hoveredNode: focusedNode(),
        otherWires: OTHER_WIRES[session.otherWires],
        faultyEdges,
        tintOf,
        isOff: (id) => documents.graph().nodes.get(id)?.mode !== undefined,
        titleOf: (id) => {
          const node = documents.graph().nodes.get(id);
          return node ? titleOf(node, documents.library) : id;
        },
        thumbnailOf: live.thumbnailFor,
        statusOf: (id) => live.runStateFor(id).status,
        heatOf: (id) => live.runStateFor(id).heat,
      });
    const top = fitted(elements.overlay.value, pixelRatio);
    const highlights = [...session.highlightedNodes].flatMap((id) => scene.rect(id) ?? []);
    if (top)
      paintOverlay(top, { overlay, highlights, viewport, ...size, pixelRatio, colors, scene, marks: session.marks });
  }

  /** The node whose wires stand out under the pointer; none where all wires are wanted alike. */
  const focusedNode = () => (session.otherWires === "shown" ? null : session.hoveredNode);

  /** A pan over flat boxes moves the last picture; everything else is drawn. */
  function paint(context: CanvasRenderingContext2D, picture: GraphPicture): void {
    const { zoom } = picture.viewport;
    if (isStale || zoom !== paintedZoom) flatPicture.forget();
    if (!isStale && zoom === paintedZoom && zoom < FLAT_BELOW) flatPicture.paint(context, picture);
    else paintGraph(context, picture);
    isStale = false;
    paintedZoom = zoom;
  }

  function fitted(canvas: HTMLCanvasElement | null, pixelRatio: number): CanvasRenderingContext2D | null {
    if (!canvas) return null;
    const width = Math.round(size.width * pixelRatio);
    const height = Math.round(size.height * pixelRatio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      isStale = true;
    }
    return canvas.getContext("2d");
  }

  /** Mounts the cards near the view; nothing changes while the view stays inside what is covered. */
  function updateMounted(force: boolean): void {
    const { viewport } = session;
    if (!rete) return;
    if (viewport.zoom < FLAT_BELOW) {
      covered = null;
      if (mounted.value.length > 0) mounted.value = [];
      return;
    }
    const view = viewRect(viewport, size.width, size.height, MARGIN / 4);
    if (!force && covered && covered.zoom === viewport.zoom && isInside(view, covered)) return;
    covered = { ...viewRect(viewport, size.width, size.height, MARGIN), zoom: viewport.zoom };
    const next = scene.nodes.query(covered).filter((id) => rete?.elementOf(id));
    const present = new Set(mounted.value);
    if (next.length !== present.size || next.some((id) => !present.has(id))) mounted.value = next;
  }

  function raiseSelected(now: ReadonlySet<string>, before: ReadonlySet<string>): void {
    for (const id of before) rete?.elementOf(id)?.style.removeProperty("z-index");
    for (const id of now) rete?.elementOf(id)?.style.setProperty("z-index", "1");
  }

  function setViewport(viewport: Viewport): void {
    rete?.setViewport(viewport);
  }

  async function rebuild(): Promise<void> {
    scene.rebuild();
    mounted.value = [];
    await nextTick();
    await rete?.rebuild();
    updateMounted(true);
    requestFrame();
  }

  async function syncRete(diff: Diff): Promise<void> {
    // A removed card must leave its element before Rete drops it.
    if (diff.nodes.removed.size > 0) await nextTick();
    await rete?.update(diff);
    updateMounted(true);
    requestFrame();
  }

  const stopListening = documents.listen((diff, cause) => {
    if (cause === "load" || cause === "open") {
      void rebuild();
      return;
    }
    if (diff.nodes.removed.size > 0) {
      mounted.value = mounted.value.filter((id) => !diff.nodes.removed.has(id));
      const kept = [...session.selectedNodes].filter((id) => !diff.nodes.removed.has(id));
      if (kept.length < session.selectedNodes.size) session.select(kept, session.selectedFrames);
    }
    if (session.selectedEdge !== null && diff.edges.removed.has(session.selectedEdge)) session.selectWire(null);
    if (diff.frames.removed.size > 0)
      session.selectedFrames = new Set([...session.selectedFrames].filter((id) => !diff.frames.removed.has(id)));
    scene.update(diff);
    void syncRete(diff);
    requestFrame();
  });

  onMounted(() => {
    const container = elements.area.value;
    const root = elements.root.value;
    if (!container || !root) return;
    rete = new ReteView(container, documents.graph, (viewport) => {
      session.viewport = viewport;
      requestMove();
    });
    holder.value = rete.holder;
    holder.value.classList.add("graph-layer");
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      size = { width: entry.contentRect.width, height: entry.contentRect.height };
      updateMounted(true);
      drawFrame();
    });
    observer.observe(root);
    size = { width: root.clientWidth, height: root.clientHeight };
    rete.setViewport(session.viewport);
    void rebuild();
    onBeforeUnmount(() => observer.disconnect());
  });
  onBeforeUnmount(() => {
    stopListening();
    cancelAnimationFrame(frame);
    mounted.value = [];
    rete?.destroy();
  });

  watch(() => session.selectedNodes, raiseSelected);
  watch(() => session.highlightedNodes, requestMove);
  watch(
    [
      () => session.selectedNodes,
      () => session.selectedFrames,
      () => session.selectedEdge,
      () => session.selectedPoint,
      () => session.marks,
      () => session.hoveredEdge,
      () => session.otherWires,
      focusedNode,
    ],
    requestFrame,
  );
  watch(
    () => session.theme,
    () => {
      colors = null;
      requestFrame();
    },
    { flush: "post" },
  );
  watch(
    issues,
    (found) => {
      faultyEdges = new Set(found.flatMap((issue) => (issue.edge ? [edgeKey(issue.edge)] : [])));
      requestFrame();
    },
    { immediate: true },
  );
  watch(
    () => documents.nodeIds.filter((id) => live.thumbnailFor(id) !== null).join(" "),
    (now, before) => {
      const ids = new Set([...now.split(" "), ...before.split(" ")].filter((id) => id !== ""));
      for (const id of ids) if (now.split(" ").includes(id) !== before.split(" ").includes(id)) scene.resize(id);
      requestFrame();
    },
  );
  // Flat boxes show the run's state, too.
  const isFlat = computed(() => session.viewport.zoom < FLAT_BELOW);
  watch(
    () =>
      isFlat.value
        ? documents.nodeIds.map((id) => `${live.runStateFor(id).status}${live.runStateFor(id).heat ?? ""}`).join()
        : "",
    requestFrame,
  );

  return {
    scene,
    mounted,
    holder,
    overlay,
    requestFrame,
    setViewport,
    elementOf: (id: string) => rete?.elementOf(id),
    size: () => size,
    isVisible: (rect: Rect) => touches(rect, viewRect(session.viewport, size.width, size.height)),
  };
}

const isInside = (inner: Rect, outer: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
