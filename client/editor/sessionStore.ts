/** What belongs to this tab and is never saved with the graph: viewport, selection, panels, theme. */
import { defineStore } from "pinia";
import { computed, reactive, shallowRef } from "vue";
import type { GraphMarks } from "../canvas/marks";
import { applyThemeMode, resolveTheme, storedThemeMode, type ThemeMode } from "../theme/themeMode";

export interface Viewport {
  /** Screen position of the graph's origin, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** What commands and panels may ask of the canvas. */
export interface CanvasView {
  fit(ids?: Iterable<string>): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  setViewport(viewport: Viewport): void;
  /** Brings a node into view, selects and focuses it. */
  reveal(node: string): void;
  /** Brings a place of the graph into view. */
  show(rect: { x: number; y: number; width: number; height: number }): void;
  /** Graph position under the pointer, or the middle of what is seen. */
  pointer(): { x: number; y: number };
  /** Opens the add-node menu at the pointer; of a wire, with the nodes that can be put into it. */
  openAddMenu(wire?: string | null): void;
  /** The stretch of a wire between two of its way points that a point is nearest to. */
  stretchAt(wire: string, point: { x: number; y: number }): number;
  focus(): void;
  /** Size of a node's card, graph units. */
  sizeOf(node: string): { width: number; height: number };
}

export const OTHER_WIRES = ["shown", "dimmed", "hidden"] as const;
export type OtherWires = (typeof OTHER_WIRES)[number];

const NONE: ReadonlySet<string> = new Set();

export const useSessionStore = defineStore("session", () => {
  const viewport = shallowRef<Viewport>({ x: 0, y: 0, zoom: 1 });
  const selectedNodes = shallowRef<ReadonlySet<string>>(NONE);
  const selectedFrames = shallowRef<ReadonlySet<string>>(NONE);
  /** Key of the chosen link (`edgeKey`): what the taps panel shows. */
  const selectedEdge = shallowRef<string | null>(null);
  /** A point that the chosen link is led through, by its place on the way. */
  const selectedPoint = shallowRef<number | null>(null);
  const hoveredNode = shallowRef<string | null>(null);
  /** Nodes that something outside the canvas points at: a part of the formula. */
  const highlightedNodes = shallowRef<ReadonlySet<string>>(NONE);
  const hoveredEdge = shallowRef<string | null>(null);
  const panels = reactive({ palette: true, inspector: true, minimap: true, shortcuts: false, history: false });
  const snapToGrid = shallowRef(true);
  /** What becomes of the other wires while some stand out. */
  const otherWires = shallowRef<OtherWires>("dimmed");
  /** The note whose text is being written. */
  const editedNote = shallowRef<string | null>(null);
  /** The node type that is dragged from the palette. */
  const draggedType = shallowRef<string | null>(null);
  const readOnly = shallowRef(false);
  const view = shallowRef<CanvasView | null>(null);
  /** What a comparison sets apart on the canvas. */
  const marks = shallowRef<GraphMarks | null>(null);
  const themeMode = shallowRef<ThemeMode>("system");
  const theme = shallowRef<"light" | "dark">("light");

  function select(nodes: Iterable<string>, frames: Iterable<string> = []): void {
    selectedNodes.value = new Set(nodes);
    selectedFrames.value = new Set(frames);
    selectedEdge.value = null;
    selectedPoint.value = null;
  }
  function toggleNode(id: string): void {
    const next = new Set(selectedNodes.value);
    if (!next.delete(id)) next.add(id);
    selectedNodes.value = next;
    selectedEdge.value = null;
  }
  function selectWire(key: string | null, point: number | null = null): void {
    selectedNodes.value = NONE;
    selectedFrames.value = NONE;
    selectedEdge.value = key;
    selectedPoint.value = point;
  }
  function setTheme(mode: ThemeMode): void {
    themeMode.value = mode;
    theme.value = applyThemeMode(mode);
  }
  /** Applies the remembered theme and follows the system's; call once when the app starts. */
  function startTheme(): void {
    setTheme(storedThemeMode());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      if (themeMode.value === "system") theme.value = applyThemeMode("system");
    });
  }

  return {
    viewport,
    selectedNodes,
    selectedFrames,
    selectedEdge,
    selectedPoint,
    /** The one chosen node, or null when none or several are chosen. */
    soleNode: computed(() => (selectedNodes.value.size === 1 ? ([...selectedNodes.value][0] ?? null) : null)),
    hasSelection: computed(
      () => selectedNodes.value.size + selectedFrames.value.size > 0 || selectedEdge.value !== null,
    ),
    hoveredNode,
    highlightedNodes,
    hoveredEdge,
    panels,
    snapToGrid,
    otherWires,
    draggedType,
    editedNote,
    /** A shared graph: everything can be looked at, nothing changed. */
    readOnly,
    view,
    marks,
    themeMode,
    theme,
    select,
    toggleNode,
    selectWire,
    clearSelection: () => select([]),
    setTheme,
    startTheme,
    /** Light and dark in turn. */
    toggleTheme: () => setTheme(resolveTheme(themeMode.value) === "dark" ? "light" : "dark"),
  };
});
