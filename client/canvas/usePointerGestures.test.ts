// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { defineComponent, h, useTemplateRef } from "vue";
import { testLibrary } from "../document/testLibrary";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import type { GestureHost } from "./gestureHost";
import { Scene } from "./scene";
import { usePointerGestures } from "./usePointerGestures";

/** A canvas with one step node, touched by fingers. */
class TouchScreen {
  readonly documents = useDocumentStore();
  readonly session = useSessionStore();
  readonly scene = new Scene(this.documents.graph, this.documents.library, () => false);
  private readonly element: Element;

  constructor() {
    this.documents.useLibrary(testLibrary);
    this.documents.listen((diff, cause) => (cause === "load" ? this.scene.rebuild() : this.scene.update(diff)));
    const node = (id: string, x: number) => ({ id, type: "solver/step", params: {}, position: { x, y: 0 } });
    this.documents.load({ format: "distillery-graph", version: 1, nodes: [node("a", 0), node("b", 400)], edges: [] });
    const host: GestureHost = {
      documents: this.documents,
      session: this.session,
      scene: this.scene,
      setViewport: (viewport) => {
        this.session.viewport = viewport;
      },
      setOverlay: () => {},
      mountedNodes: () => ["a", "b"],
      refuse: () => {},
      openAddMenu: () => {},
    };
    const Surface = defineComponent(() => {
      usePointerGestures(
        useTemplateRef<HTMLElement>("root"),
        () => host,
        () => {},
      );
      return () => h("div", { ref: "root" });
    });
    this.element = mount(Surface, { attachTo: document.body }).element;
  }
  finger(id: number, type: "down" | "move" | "up" | "cancel", x: number, y: number): this {
    const event = { pointerId: id, pointerType: "touch", clientX: x, clientY: y, button: 0, bubbles: true };
    this.element.dispatchEvent(new PointerEvent(`pointer${type}`, event));
    return this;
  }
  longPress(x: number, y: number): this {
    this.element.dispatchEvent(new MouseEvent("contextmenu", { clientX: x, clientY: y, bubbles: true }));
    return this;
  }
  tap(x: number, y: number): this {
    return this.finger(1, "down", x, y).finger(1, "up", x, y);
  }
  socket(node: string, name: string, side: "input" | "output"): [number, number] {
    const at = this.scene.socketAt(node, name, side);
    if (!at) throw new Error(`no socket ${node}.${name}`);
    return [at.x, at.y];
  }
}

describe("fingers", () => {
  let screen: TouchScreen;
  beforeEach(() => {
    setActivePinia(createPinia());
    screen = new TouchScreen();
  });

  it("pan with one, and again after two have pinched", () => {
    screen.finger(1, "down", 700, 500).finger(1, "move", 720, 530).finger(1, "up", 720, 530);
    expect(screen.session.viewport).toMatchObject({ x: 20, y: 30 });
    screen.finger(1, "down", 700, 500).finger(2, "down", 800, 500).finger(1, "up", 700, 500).finger(2, "up", 800, 500);
    screen.finger(3, "down", 700, 500).finger(3, "move", 710, 500).finger(3, "up", 710, 500);
    expect(screen.session.viewport).toMatchObject({ x: 30, y: 30 });
  });

  it("connect by a tap on a socket and a tap on another", () => {
    screen.tap(...screen.socket("a", "x", "output")).tap(...screen.socket("b", "x", "input"));
    expect([...screen.documents.graph().edges.keys()]).toEqual(["a.x>b.x"]);
  });

  it("connect though the view was moved between the two taps", () => {
    const [x, y] = screen.socket("b", "x", "input");
    screen.tap(...screen.socket("a", "x", "output"));
    screen.finger(1, "down", 700, 500).finger(1, "move", 650, 500).finger(1, "up", 650, 500);
    expect(screen.documents.graph().edges.size).toBe(0);
    screen.tap(x - 50, y);
    expect([...screen.documents.graph().edges.keys()]).toEqual(["a.x>b.x"]);
  });

  it("zoom with two about the place between them", () => {
    screen.finger(1, "down", 600, 500).finger(2, "down", 800, 500).finger(2, "move", 1000, 500);
    // (700, 500) of the graph is now half-way between them, at (800, 500).
    expect(screen.session.viewport).toEqual({ x: 800 - 700 * 2, y: 500 - 500 * 2, zoom: 2 });
  });

  it("go on with a drag when another comes, and leave no trace of one that is taken away", () => {
    const positionOf = () => screen.documents.graph().nodes.get("a")?.position;
    screen.session.snapToGrid = false;
    screen.finger(1, "down", 100, 15).finger(1, "move", 140, 15).finger(2, "down", 700, 500);
    screen.finger(2, "move", 900, 500).finger(1, "move", 160, 15).finger(1, "up", 160, 15).finger(2, "up", 900, 500);
    expect(positionOf()).toEqual({ x: 60, y: 0 });
    expect(screen.session.viewport.zoom).toBe(1);
    screen.session.select([]);
    screen.finger(3, "down", 160, 15).finger(3, "move", 300, 300).finger(3, "cancel", 300, 300);
    expect(positionOf()).toEqual({ x: 60, y: 0 });
    expect(screen.session.selectedNodes.size).toBe(0);
    screen.documents.undo();
    expect(positionOf()).toEqual({ x: 0, y: 0 });
  });

  it("give a press that has moved nothing yet up for a pinch", () => {
    screen.finger(1, "down", 100, 15).finger(2, "down", 300, 15).finger(2, "move", 500, 15);
    expect(screen.session.viewport.zoom).toBe(2);
    expect(screen.session.selectedNodes.size).toBe(0);
  });

  it("pan over nodes that cannot be changed, and choose them with a tap", () => {
    screen.session.readOnly = true;
    screen.finger(1, "down", 100, 15).finger(1, "move", 130, 15).finger(1, "up", 130, 15);
    expect(screen.session.viewport.x).toBe(30);
    expect(screen.session.selectedNodes.size).toBe(0);
    screen.tap(130, 15);
    expect(screen.session.soleNode).toBe("a");
  });

  it("keep the selection when a long press opens the menu", () => {
    screen.session.select(["a"]);
    screen.finger(1, "down", 700, 500).longPress(700, 500).finger(1, "up", 700, 500);
    expect(screen.session.selectedNodes.size).toBe(1);
  });
});
