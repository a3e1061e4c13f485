/** Ties document, scene, Rete and the drawing canvases together; one frame at a time, only when something changed. */
import type { Issue } from "@distillery/shared/graph/document";
import { edgeKey } from "@distillery/shared/graph/document";
import { computed, nextTick, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from "vue";
import { titleOf } from "../document/connection";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore, type Viewport } from "../editor/sessionStore";
import { type CanvasColors, readCanvasColors } from "./canvasColors";
import { CardWindow } from "./cardWindow";
import { FlatPicture } from "./flatPicture";
import { GRID, type Overlay } from "./gestureHost";
import type { NodeLive } from "./nodeRunState";
import { type GraphPicture, paintGraph } from "./paintGraph";
import { paintOverlay } from "./paintOverlay";
import { ReteView } from "./reteView";
import { Scene } from "./scene";
import { FLAT_BELOW } from "./viewport";

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
  const cardWindow = new CardWindow(
    (area) => scene.nodes.query(area),
    (id) => scene.rect(id),
  );
  /** The cards that are there, or will be by the end of this frame. */
  let planned: readonly string[] = [];
  let hasCard: ReadonlySet<string> = new Set();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let faultyEdges = new Set<string>();
  const flatPicture = new FlatPicture();
  /** Something else than the view's position changed since the last frame. */
  let isStale = true;
  let painted: Viewport = { x: 0, y: 0, zoom: 0 };

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
    mountCards();
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
        hasCard: (id) => hasCard.has(id),
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
    const highlights = [...session.highlightedNodes].flatMap((id) => scene.rect(id) ?? []);
    const { marquee, draft, insertion } = overlay;
    // An empty sheet over everything would cost as much as a full one.
    const isEmpty = highlights.length === 0 && !session.marks && !marquee && !draft && !insertion;
    if (elements.overlay.value) elements.overlay.value.hidden = isEmpty;
    const top = isEmpty ? null : fitted(elements.overlay.value, pixelRatio);
    if (top)
      paintOverlay(top, { overlay, highlights, viewport, ...size, pixelRatio, colors, scene, marks: session.marks });
  }

  /** The node whose wires stand out under the pointer; none where all wires are wanted alike. */
  const focusedNode = () => (session.otherWires === "shown" ? null : session.hoveredNode);

  /** A pan over flat boxes moves the last picture; everything else is drawn, if it changed. */
  function paint(context: CanvasRenderingContext2D, picture: GraphPicture): void {
    const { viewport } = picture;
    if (!isStale && viewport === painted) return;
    const isMoved = !isStale && viewport.zoom === painted.zoom;
    if (!isMoved) flatPicture.forget();
    if (isMoved && viewport.zoom < FLAT_BELOW) flatPicture.paint(context, picture);
    else paintGraph(context, picture);
    isStale = false;
    painted = viewport;
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

  /** Mounts what the card window wants, in this frame; comes back for the rest. */
  function mountCards(): void {
    const { cards, wait } = cardWindow.next(planned, { viewport: session.viewport, ...size }, performance.now());
    if (cards !== planned) void show(cards);
    clearTimeout(timer);
    if (wait === 0) requestFrame();
    else if (wait !== null) timer = setTimeout(requestFrame, wait);
  }

  async function show(cards: readonly string[]): Promise<void> {
    planned = cards;
    hasCard = new Set(cards);
    await rete?.show(cards);
    mounted.value = planned.filter((id) => rete?.elementOf(id));
    raiseSelected();
    requestFrame();
  }

  function raiseSelected(): void {
    for (const id of mounted.value) {
      const style = rete?.elementOf(id)?.style;
      const level = session.selectedNodes.has(id) ? "1" : "";
      if (style && style.zIndex !== level) style.zIndex = level;
    }
  }

  function setViewport(viewport: Viewport): void {
    if (viewport.zoom !== session.viewport.zoom) cardWindow.jump();
    rete?.setViewport(viewport);
  }

  async function rebuild(): Promise<void> {
    scene.rebuild();
    mounted.value = [];
    await nextTick();
    await show([]);
    cardWindow.invalidate();
    requestFrame();
  }

  const stopListening = documents.listen((diff, cause) => {
    if (cause === "load" || cause === "open") {
      session.hoveredNode = null;
      session.hoveredEdge = null;
      void rebuild();
      return;
    }
    if (diff.nodes.removed.size > 0) {
      planned = planned.filter((id) => !diff.nodes.removed.has(id));
      mounted.value = mounted.value.filter((id) => !diff.nodes.removed.has(id));
      const kept = [...session.selectedNodes].filter((id) => !diff.nodes.removed.has(id));
      if (kept.length < session.selectedNodes.size) session.select(kept, session.selectedFrames);
      if (diff.nodes.removed.has(session.hoveredNode ?? "")) session.hoveredNode = null;
    }
    if (session.selectedEdge !== null && diff.edges.removed.has(session.selectedEdge)) session.selectWire(null);
    if (diff.frames.removed.size > 0)
      session.selectedFrames = new Set([...session.selectedFrames].filter((id) => !diff.frames.removed.has(id)));
    scene.update(diff);
    rete?.update(diff);
    cardWindow.invalidate();
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
      cardWindow.invalidate();
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
    clearTimeout(timer);
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
    /** What a gesture shows above the graph has changed. */
    requestOverlay: requestMove,
    setViewport,
    elementOf: (id: string) => rete?.elementOf(id),
    size: () => size,
  };
}
