/** What belongs to this tab and is never saved with the graph: viewport, selection, panels, theme. */
import { defineStore } from "pinia";
import { computed, reactive, shallowRef } from "vue";
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
  /** Graph position under the pointer, or the middle of what is seen. */
  pointer(): { x: number; y: number };
  /** Opens the add-node menu at the pointer. */
  openAddMenu(): void;
  focus(): void;
  /** Size of a node's card, graph units. */
  sizeOf(node: string): { width: number; height: number };
}

const NONE: ReadonlySet<string> = new Set();

export const useSessionStore = defineStore("session", () => {
  const viewport = shallowRef<Viewport>({ x: 0, y: 0, zoom: 1 });
  const selectedNodes = shallowRef<ReadonlySet<string>>(NONE);
  const selectedFrames = shallowRef<ReadonlySet<string>>(NONE);
  /** Key of the chosen link (`edgeKey`): what the taps panel shows. */
  const selectedEdge = shallowRef<string | null>(null);
  const hoveredNode = shallowRef<string | null>(null);
  const hoveredEdge = shallowRef<string | null>(null);
  const panels = reactive({ palette: true, inspector: true, minimap: true, shortcuts: false });
  const snapToGrid = shallowRef(true);
  const readOnly = shallowRef(false);
  const view = shallowRef<CanvasView | null>(null);
  const themeMode = shallowRef<ThemeMode>("system");
  const theme = shallowRef<"light" | "dark">("light");

  function select(nodes: Iterable<string>, frames: Iterable<string> = []): void {
    selectedNodes.value = new Set(nodes);
    selectedFrames.value = new Set(frames);
    selectedEdge.value = null;
  }
  function toggleNode(id: string): void {
    const next = new Set(selectedNodes.value);
    if (!next.delete(id)) next.add(id);
    selectedNodes.value = next;
    selectedEdge.value = null;
  }
  function selectWire(key: string | null): void {
    selectedNodes.value = NONE;
    selectedFrames.value = NONE;
    selectedEdge.value = key;
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
    /** The one chosen node, or null when none or several are chosen. */
    soleNode: computed(() => (selectedNodes.value.size === 1 ? ([...selectedNodes.value][0] ?? null) : null)),
    hasSelection: computed(
      () => selectedNodes.value.size + selectedFrames.value.size > 0 || selectedEdge.value !== null,
    ),
    hoveredNode,
    hoveredEdge,
    panels,
    snapToGrid,
    /** A shared graph: everything can be looked at, nothing changed. */
    readOnly,
    view,
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
