// @vitest-environment happy-dom
import type { GraphEdge } from "@distillery/shared/graph/document";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { testLibrary } from "../../document/testLibrary";
import { useDocumentStore } from "../../editor/documentStore";
import { useSessionStore } from "../../editor/sessionStore";
import type { Gesture, GestureHost, Overlay, PointerState } from "../gestureHost";
import { Scene, type SocketHit } from "../scene";
import { startGesture, type Underneath } from "./startGesture";

const node = (id: string, type: string, x: number, y = 0) => ({ id, type, params: {}, position: { x, y } });
const link = (from: string, fromSocket: string, to: string, toSocket: string) => ({
  from: { node: from, socket: fromSocket },
  to: { node: to, socket: toSocket },
});

/** Drives gestures without a browser. */
class TestCanvas {
  readonly documents = useDocumentStore();
  readonly session = useSessionStore();
  readonly scene = new Scene(this.documents.graph, this.documents.library, () => false);
  readonly overlay: Overlay = { marquee: null, draft: null, insertion: null, refusal: null };
  menu: SocketHit | null | undefined;
  refused: { edge: GraphEdge; reason: string } | undefined;
  private gesture: Gesture | null = null;
  private readonly host: GestureHost = {
    documents: this.documents,
    session: this.session,
    scene: this.scene,
    setViewport: (viewport) => {
      this.session.viewport = viewport;
    },
    setOverlay: (change) => Object.assign(this.overlay, change),
    mountedNodes: () => this.documents.graph().nodes.keys(),
    refuse: (_, edge, reason) => {
      this.refused = { edge, reason };
    },
    openAddMenu: (_, from) => {
      this.menu = from;
    },
  };

  constructor() {
    this.documents.useLibrary(testLibrary);
    this.documents.listen((diff, cause) => (cause === "load" ? this.scene.rebuild() : this.scene.update(diff)));
    this.documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: [node("start", "data/start", 0), node("step", "solver/step", 400), node("loss", "loss/distance", 800)],
      edges: [link("start", "x", "step", "x")],
    });
    this.session.snapToGrid = false;
  }

  private pointer(x: number, y: number, keys: Partial<PointerState>): PointerState {
    const { viewport: v } = this.session;
    const world = { x: (x - v.x) / v.zoom, y: (y - v.y) / v.zoom };
    return { screen: { x, y }, world, button: 0, shift: false, mod: false, alt: false, ...keys };
  }
  down(x: number, y: number, keys: Partial<PointerState> = {}, under: Underneath = {}): this {
    this.gesture = startGesture(this.host, this.pointer(x, y, keys), under, false);
    return this;
  }
  move(x: number, y: number): this {
    this.gesture?.move(this.pointer(x, y, {}));
    return this;
  }
  up(x: number, y: number): this {
    this.move(x, y);
    this.gesture?.up(this.pointer(x, y, {}));
    return this;
  }
  escape(): this {
    this.gesture?.cancel();
    return this;
  }
  at(id: string, socket: string, side: "input" | "output"): [number, number] {
    const p = this.scene.socketAt(id, socket, side);
    if (!p) throw new Error(`no socket ${id}.${socket}`);
    return [p.x, p.y];
  }
  position = (id: string) => this.documents.graph().nodes.get(id)?.position;
  edges = () => [...this.documents.graph().edges.keys()];
}

let canvas: TestCanvas;
beforeEach(() => {
  setActivePinia(createPinia());
  canvas = new TestCanvas();
});

describe("drawing a wire", () => {
  it("connects two sockets, with the fitting ones lit", () => {
    canvas.down(...canvas.at("step", "x", "output")).move(600, 300);
    expect([...(canvas.overlay.draft?.accepted ?? [])].sort()).toEqual(["loss|input|student", "loss|input|target"]);
    canvas.up(...canvas.at("loss", "student", "input"));
    expect(canvas.edges()).toContain("step.x>loss.student");
    expect(canvas.overlay.draft).toBeNull();
  });

  it("says why a socket refuses, and changes nothing", () => {
    canvas.down(...canvas.at("start", "x0", "output")).move(...canvas.at("step", "x", "input"));
    expect(canvas.overlay.refusal).toContain('"x0" gives an image, but "x"');
    canvas.up(...canvas.at("step", "x", "input"));
    expect(canvas.edges()).toEqual(["start.x>step.x"]);
    expect(canvas.refused).toMatchObject({
      edge: { from: { node: "start", socket: "x0" }, to: { node: "step", socket: "x" } },
      reason: expect.stringContaining("takes a state"),
    });
  });

  it("on a card's body takes the first fitting socket", () => {
    canvas.down(...canvas.at("step", "x", "output")).up(900, 18);
    expect(canvas.edges()).toContain("step.x>loss.student");
  });

  it("goes by two taps as well as by dragging; a tap on nothing gives up", () => {
    const output = canvas.at("step", "x", "output");
    canvas.down(...output).up(...output);
    expect(canvas.overlay.draft?.anchor.socket).toBe("x");
    canvas.up(...canvas.at("loss", "student", "input"));
    expect(canvas.edges()).toContain("step.x>loss.student");
    const held = canvas.at("loss", "student", "input");
    canvas.down(...held).up(...held);
    canvas.up(700, 600);
    expect(canvas.overlay.draft).toBeNull();
    expect(canvas.menu).toBeUndefined();
    expect(canvas.edges()).toContain("step.x>loss.student");
  });

  it("on empty canvas asks for a node that fits", () => {
    canvas.down(...canvas.at("step", "predX0", "output")).up(700, 600);
    expect(canvas.menu).toMatchObject({ node: "step", socket: "predX0" });
  });

  it("from a held input picks the link up: elsewhere it moves, on empty canvas it goes, Escape leaves it", () => {
    const input = canvas.at("step", "x", "input");
    canvas
      .down(...input)
      .move(300, 500)
      .escape();
    expect(canvas.edges()).toEqual(["start.x>step.x"]);
    canvas.down(...input).up(...canvas.at("loss", "target", "input"));
    expect(canvas.edges()).toEqual(["start.x>loss.target"]);
    canvas.documents.undo();
    canvas.down(...input).up(300, 500);
    expect(canvas.edges()).toEqual([]);
    canvas.documents.undo();
    expect(canvas.edges()).toEqual(["start.x>step.x"]);
  });
});

describe("moving", () => {
  it("moves all selected nodes as one step", () => {
    canvas.session.select(["start", "step"]);
    canvas.down(100, 15).move(110, 20).move(150, 40).up(200, 65);
    expect(canvas.position("start")).toEqual({ x: 100, y: 50 });
    expect(canvas.position("step")).toEqual({ x: 500, y: 50 });
    canvas.documents.undo();
    expect(canvas.position("start")).toEqual({ x: 0, y: 0 });
    expect(canvas.position("step")).toEqual({ x: 400, y: 0 });
  });

  it("snaps to the grid, and Escape takes the move back without a trace", () => {
    canvas.session.snapToGrid = true;
    canvas.down(100, 15).move(133, 20);
    expect(canvas.position("start")).toEqual({ x: 40, y: 0 });
    canvas.escape();
    expect(canvas.position("start")).toEqual({ x: 0, y: 0 });
    expect(canvas.documents.undoLabel).toBeNull();
  });

  it("a frame takes its nodes along", () => {
    const frame = { id: "f", title: "", text: "", position: { x: -20, y: -60 }, size: { width: 300, height: 400 } };
    canvas.documents.edit("Frame", (t) => t.addFrame(frame));
    canvas.down(0, -50, {}, { frame: "f" }).up(30, -40);
    expect(canvas.position("start")).toEqual({ x: 30, y: 10 });
    expect(canvas.position("step")).toEqual({ x: 400, y: 0 });
    expect(canvas.documents.graph().frames.get("f")?.position).toEqual({ x: 10, y: -50 });
  });

  it("with Alt drags a copy", () => {
    canvas.session.select(["start"]);
    canvas.down(100, 15, { alt: true }).up(100, 315);
    expect(canvas.position("start")).toEqual({ x: 0, y: 0 });
    expect(canvas.position("start-2")).toEqual({ x: 0, y: 300 });
    canvas.documents.undo();
    expect(canvas.position("start-2")).toBeUndefined();
  });

  it("moves nothing in a shared graph", () => {
    canvas.session.readOnly = true;
    canvas.down(100, 15).up(300, 15);
    expect(canvas.position("start")).toEqual({ x: 0, y: 0 });
  });
});

describe("selecting and panning", () => {
  it("selects with a box, and with clicks", () => {
    canvas.down(-50, -50, { shift: true }).up(450, 60);
    expect([...canvas.session.selectedNodes].sort()).toEqual(["start", "step"]);
    canvas.down(100, 15, { mod: true }).up(100, 15);
    expect([...canvas.session.selectedNodes]).toEqual(["step"]);
    canvas.down(700, 500).up(700, 500);
    expect(canvas.session.selectedNodes.size).toBe(0);
  });

  it("pans on empty canvas and keeps the selection", () => {
    canvas.session.select(["start"]);
    canvas.down(700, 500).up(720, 530);
    expect(canvas.session.viewport).toEqual({ x: 20, y: 30, zoom: 1 });
    expect(canvas.session.selectedNodes.size).toBe(1);
  });

  it("chooses the wire under the pointer", () => {
    const from = canvas.at("start", "x", "output");
    const to = canvas.at("step", "x", "input");
    canvas.down((from[0] + to[0]) / 2, (from[1] + to[1]) / 2).up((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
    expect(canvas.session.selectedEdge).toBe("start.x>step.x");
  });
});

describe("way points", () => {
  const WIRE = "start.x>step.x";
  const via = () => canvas.documents.graph().edges.get(WIRE)?.via;
  beforeEach(() => canvas.documents.edit("Bend", (t) => t.routeWire(WIRE, [{ x: 310, y: 300 }])));

  it("are dragged, as one step", () => {
    canvas.down(312, 298).move(320, 340).up(330, 350);
    expect(via()).toEqual([{ x: 330, y: 350 }]);
    expect(canvas.session.selectedPoint).toBe(0);
    canvas.documents.undo();
    expect(via()).toEqual([{ x: 310, y: 300 }]);
  });

  it("move along when both ends of the wire move, and stay when one does", () => {
    canvas.session.select(["start", "step"]);
    canvas.down(100, 15).up(150, 25);
    expect(via()).toEqual([{ x: 360, y: 310 }]);
    canvas.documents.undo();
    canvas.session.select(["start"]);
    canvas.down(100, 15).up(150, 25);
    expect(via()).toEqual([{ x: 310, y: 300 }]);
  });
});

describe("a node let go on a wire", () => {
  it("goes into it where its sockets fit, and one undo takes all back", () => {
    canvas.documents.edit("Add", (t) => t.addNode(node("other", "solver/step", 400, 600)));
    const [x, y] = canvas.at("step", "x", "input");
    canvas
      .down(500, 615)
      .move(480, 500)
      .move((x + 220) / 2, y);
    expect(canvas.overlay.insertion).toHaveLength(1);
    canvas.up((x + 220) / 2, y);
    expect(canvas.edges().sort()).toEqual(["other.x>step.x", "start.x>other.x"]);
    expect(canvas.overlay.insertion).toBeNull();
    canvas.documents.undo();
    expect(canvas.edges()).toEqual(["start.x>step.x"]);
    expect(canvas.position("other")).toEqual({ x: 400, y: 600 });
  });

  it("stays beside a wire that it does not fit", () => {
    const [x, y] = canvas.at("step", "x", "input");
    canvas.down(900, 15).up((x + 220) / 2, y);
    expect(canvas.edges()).toEqual(["start.x>step.x"]);
  });
});

describe("what stays and what goes along", () => {
  it("pinned nodes stay", () => {
    canvas.documents.edit("Pin", (t) => t.updateNode("step", { pinned: true }));
    canvas.session.select(["start", "step"]);
    canvas.down(100, 15).up(150, 25);
    expect(canvas.position("start")).toEqual({ x: 50, y: 10 });
    expect(canvas.position("step")).toEqual({ x: 400, y: 0 });
  });

  it("a frame takes frames and notes inside along", () => {
    const frame = { title: "", text: "", position: { x: -20, y: -60 }, size: { width: 300, height: 400 } };
    canvas.documents.edit("Frame", (t) => {
      t.addFrame({ ...frame, id: "f" });
      t.addFrame({ ...frame, id: "note", kind: "note", position: { x: 0, y: 200 }, size: { width: 100, height: 80 } });
    });
    canvas.down(0, -50, {}, { frame: "f" }).up(30, -40);
    expect(canvas.documents.graph().frames.get("note")?.position).toEqual({ x: 30, y: 210 });
  });

  it("wires end beside a collapsed node, and pressing them moves it", () => {
    canvas.documents.edit("Collapse", (t) => t.updateNode("start", { collapsed: true }));
    expect(canvas.at("start", "x", "output")).toEqual([220, 17]);
    canvas.down(219, 17).up(229, 27);
    expect(canvas.position("start")).toEqual({ x: 10, y: 10 });
  });
});
