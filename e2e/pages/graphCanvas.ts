/** The canvas as a person uses it: everything by mouse, found by what is on the screen. */
import { pointOn, wireCurve } from "@distillery/client/canvas/wirePath";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Locator, Page } from "@playwright/test";

interface Point {
  x: number;
  y: number;
}
/** `node.socket`. */
export type SocketName = `${string}.${string}`;

const split = (name: SocketName): [node: string, socket: string] => {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
};

export class GraphCanvas {
  readonly root: Locator;

  constructor(
    private readonly page: Page,
    /** The graph and viewport as they are now. */
    private readonly read: () => Promise<GraphDocument>,
  ) {
    this.root = page.getByRole("application", { name: /^Graph canvas/ });
  }

  node(id: string): Locator {
    return this.root.locator(`article[data-node="${id}"]`);
  }
  nodes(): Locator {
    return this.root.locator("article[data-node]");
  }
  refusal(): Locator {
    return this.root.locator(".refusal");
  }
  addMenu(): Locator {
    return this.page.getByRole("dialog", { name: "Add a node" });
  }
  focus(): Promise<void> {
    return this.root.focus();
  }
  private async origin(): Promise<Point> {
    const box = await this.root.boundingBox();
    if (box === null) throw new Error("The canvas is not on the screen.");
    return { x: box.x, y: box.y };
  }

  /** Where a point of the graph is on the screen. */
  private async place(graph: GraphDocument, at: Point): Promise<Point> {
    const { x, y, zoom } = graph.viewport;
    const origin = await this.origin();
    return { x: origin.x + x + at.x * zoom, y: origin.y + y + at.y * zoom };
  }

  /** Where a place of the graph is on the screen now. */
  async spot(at: Point): Promise<Point> {
    return this.place(await this.read(), at);
  }
  /** The head of a node that is in view: by it, nodes are dragged. */
  async headOf(id: string): Promise<Point> {
    const box = await this.node(id).boundingBox();
    if (box === null) throw new Error(`Node "${id}" is not in view.`);
    return { x: box.x + 60, y: box.y + 14 };
  }

  /** Fits the whole graph, picks these nodes, and zooms to them. They stay selected. */
  async reveal(...ids: string[]): Promise<void> {
    await this.focus();
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("f");
    const graph = await this.read();
    for (const [i, id] of ids.entries()) {
      const node = graph.nodes.find((each) => each.id === id);
      if (node === undefined) throw new Error(`The graph has no node "${id}".`);
      const at = await this.place(graph, { x: node.position.x + 60, y: node.position.y + 16 });
      if (i > 0) await this.page.keyboard.down("Control");
      await this.page.mouse.click(at.x, at.y);
      if (i > 0) await this.page.keyboard.up("Control");
    }
    await this.page.keyboard.press("f");
    for (const id of ids) await this.node(id).waitFor();
  }

  /** Clicks on a node that is in view. */
  async select(id: string): Promise<void> {
    await this.node(id).click({ position: { x: 60, y: 14 } });
  }

  async moveNode(id: string, dx: number, dy: number): Promise<void> {
    const head = await this.headOf(id);
    await this.drag(head, { x: head.x + dx, y: head.y + dy });
  }

  private async drag(from: Point, to: Point): Promise<void> {
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
    await this.page.mouse.move(to.x, to.y, { steps: 4 });
    await this.page.mouse.up();
  }

  async socketAt(name: SocketName, side: "input" | "output"): Promise<Point> {
    const [node, socket] = split(name);
    const dot = this.node(node).locator(`[data-socket="${socket}"][data-side="${side}"] .dot`);
    const box = await dot.boundingBox();
    if (box === null) throw new Error(`Socket ${name} is not in view.`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Drags a wire from an output to an input. */
  async connect(from: SocketName, to: SocketName): Promise<void> {
    await this.drag(await this.socketAt(from, "output"), await this.socketAt(to, "input"));
  }

  /** Holds a wire over an input without letting go. */
  async hold(from: SocketName, to: SocketName): Promise<void> {
    const start = await this.socketAt(from, "output");
    const end = await this.socketAt(to, "input");
    await this.page.mouse.move(start.x, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move(end.x, end.y, { steps: 8 });
  }
  letGo(): Promise<void> {
    return this.page.mouse.up();
  }

  /** Pulls a wire out of an output and drops it where nothing is. */
  async dropOnEmpty(from: SocketName, dx: number, dy: number): Promise<void> {
    const start = await this.socketAt(from, "output");
    await this.drag(start, { x: start.x + dx, y: start.y + dy });
  }

  /** Takes a wire off its input and drops it where nothing is. */
  async pullOff(input: SocketName, dx: number, dy: number): Promise<void> {
    const start = await this.socketAt(input, "input");
    await this.drag(start, { x: start.x + dx, y: start.y + dy });
  }

  /** Clicks on the wire between two sockets that are in view. */
  async clickWire(from: SocketName, to: SocketName): Promise<void> {
    const { x, y } = await this.onWire(from, to);
    await this.page.mouse.click(x, y);
  }
  async doubleClickWire(from: SocketName, to: SocketName): Promise<void> {
    const { x, y } = await this.onWire(from, to);
    await this.page.mouse.dblclick(x, y);
  }
  /** A place on the wire that no node covers. */
  private async onWire(from: SocketName, to: SocketName): Promise<Point> {
    const { zoom } = (await this.read()).viewport;
    const start = await this.socketAt(from, "output");
    const end = await this.socketAt(to, "input");
    // The curve has fixed lengths in graph units.
    const scaled = ({ x, y }: Point) => ({ x: x / zoom, y: y / zoom });
    const curve = wireCurve(scaled(start), scaled(end));
    const boxes = await Promise.all((await this.nodes().all()).map((node) => node.boundingBox()));
    const inside = ({ x, y }: Point) =>
      boxes.some((b) => b !== null && x > b.x - 4 && x < b.x + b.width + 4 && y > b.y - 4 && y < b.y + b.height + 4);
    for (const t of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
      const at = pointOn(curve, t);
      const point = { x: at.x * zoom, y: at.y * zoom };
      if (!inside(point)) return point;
    }
    throw new Error(`The wire from ${from} to ${to} is covered by nodes everywhere.`);
  }
}
