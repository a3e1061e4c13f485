/** Rete as the view engine: the area's transform and one positioned element per node. The document stays the truth. */
import { type BaseSchemes, NodeEditor } from "rete";
import { AreaPlugin, type NodeView } from "rete-area-plugin";
import type { Diff } from "../document/diff";
import type { GraphView } from "../document/records";
import type { Viewport } from "../editor/sessionStore";

interface Schemes extends BaseSchemes {
  Node: { id: string };
  Connection: { id: string; source: string; target: string };
}

export const ZOOM = { min: 0.03, max: 2.5 } as const;
const clampZoom = (zoom: number): number => Math.min(ZOOM.max, Math.max(ZOOM.min, zoom));

export class ReteView {
  private readonly editor = new NodeEditor<Schemes>();
  private readonly area: AreaPlugin<Schemes>;
  /** Rete's calls are asynchronous: they run one after another, in the order of the changes. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    container: HTMLElement,
    private readonly graph: () => GraphView,
    onTransform: (viewport: Viewport) => void,
  ) {
    this.area = new AreaPlugin<Schemes>(container);
    // Rete hides the overflow, but hidden layers still scroll when a card is focused; clipped ones do not.
    container.style.overflow = "clip";
    this.editor.use(this.area);
    this.area.area.setDragHandler(null);
    this.area.addPipe((context) => {
      if (context.type === "zoom") {
        if (context.data.source === "dblclick") return undefined;
        return { ...context, data: { ...context.data, zoom: clampZoom(context.data.zoom) } };
      }
      if (context.type === "translated" || context.type === "zoomed") onTransform(this.viewport);
      return context;
    });
  }

  get viewport(): Viewport {
    const { x, y, k } = this.area.area.transform;
    return { x, y, zoom: k };
  }
  /** The layer that moves and zooms. */
  get holder(): HTMLElement {
    return this.area.area.content.holder;
  }
  elementOf(node: string): HTMLElement | undefined {
    return this.area.nodeViews.get(node)?.element;
  }

  setViewport({ x, y, zoom }: Viewport): void {
    this.area.area.transform.k = clampZoom(zoom);
    void this.area.area.translate(x, y);
  }

  /** Gives exactly these nodes an element; resolves when they have it, within the present frame. */
  show(ids: readonly string[]): Promise<void> {
    return this.enqueue(async () => {
      const wanted = new Set(ids);
      for (const id of [...this.area.nodeViews.keys()]) if (!wanted.has(id)) await this.editor.removeNode(id);
      for (const id of ids) await this.addNode(id);
    });
  }

  /** Moves what was moved. */
  update({ nodes }: Diff): void {
    for (const id of [...nodes.added.keys(), ...nodes.updated.keys()]) this.place(id);
  }

  destroy(): void {
    this.area.destroy();
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work);
    return this.queue;
  }

  private async addNode(id: string): Promise<void> {
    if (!this.graph().nodes.has(id) || this.area.nodeViews.has(id)) return;
    await this.editor.addNode({ id });
    this.place(id);
    this.sortIn(id);
  }

  /** The Tab key goes from left to right, whenever a card was mounted. */
  private sortIn(id: string): void {
    const view = this.area.nodeViews.get(id);
    if (!view) return;
    const order = (a: NodeView, b: NodeView) => a.position.x - b.position.x || a.position.y - b.position.y;
    const [next] = [...this.area.nodeViews.values()].filter((other) => order(other, view) > 0).sort(order);
    next?.element.before(view.element);
  }

  /** Written straight to the node's view: going through Rete's pipes would cost an await per node and frame. */
  private place(id: string): void {
    const view = this.area.nodeViews.get(id);
    const position = this.graph().nodes.get(id)?.position;
    if (!view || !position) return;
    view.position = { ...position };
    view.element.style.transform = `translate(${position.x}px, ${position.y}px)`;
  }
}
