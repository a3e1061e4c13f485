// @vitest-environment happy-dom
/** What the canvas does for one step of a gesture, counted instead of timed: the same in a graph of 50 and of 1,000 nodes. */
import { mount, type VueWrapper } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { testLibrary } from "../document/testLibrary";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import GraphCanvas from "./GraphCanvas.vue";
import { NOTHING_LIVE } from "./nodeRunState";

const WINDOW = { width: 1400, height: 860 };
const LARGE = 1000;
const ON_A_NODE = [660, 275] as const;
/** Milliseconds of a frame. */
const FRAME = 16;

/** A canvas context that draws nothing and counts. */
function countingContext(counts: { drawn: number }): CanvasRenderingContext2D {
  const answers: Record<string, unknown> = { measureText: (text: string) => ({ width: 6 * text.length }) };
  return new Proxy(answers, {
    get: (target, name: string) =>
      target[name] ??
      (() => {
        counts.drawn++;
      }),
    set: () => true,
  }) as unknown as CanvasRenderingContext2D;
}

/** Counts walks over whole collections: none may happen while the pointer moves. */
function countWalks(counts: { walks: number }): () => void {
  const stops = [Map.prototype, Set.prototype].flatMap((prototype) =>
    ([Symbol.iterator, "keys", "values", "entries", "forEach"] as const).map((name) => {
      const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
      const counted = function (this: Map<unknown, unknown> | Set<unknown>, ...args: unknown[]) {
        if (this.size >= LARGE / 2) counts.walks++;
        return original.apply(this, args);
      };
      Object.defineProperty(prototype, name, { value: counted, configurable: true, writable: true });
      return () => Object.defineProperty(prototype, name, { value: original, configurable: true, writable: true });
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

class BigCanvas {
  readonly documents = useDocumentStore();
  readonly session = useSessionStore();
  readonly counts = { drawn: 0, walks: 0 };
  private readonly wrapper: VueWrapper;

  constructor(count: number) {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(WINDOW.width);
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(WINDOW.height);
    const { counts } = this;
    // The minimap draws on canvases of its own, a few times a second.
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
      return countingContext(this.classList.contains("layer") ? counts : { drawn: 0 }) as never;
    });
    vi.stubGlobal("Path2D", function Path2D() {
      return countingContext(counts);
    });
    this.documents.useLibrary(testLibrary);
    const columns = Math.ceil(Math.sqrt(count));
    this.documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: Array.from({ length: count }, (_, i) => ({
        id: `n${i}`,
        type: "solver/step",
        params: {},
        position: { x: (i % columns) * 300, y: Math.floor(i / columns) * 260 },
      })),
      edges: Array.from({ length: count - 1 }, (_, i) => ({
        from: { node: `n${i}`, socket: "x" },
        to: { node: `n${i + 1}`, socket: "x" },
      })),
    });
    this.wrapper = mount(GraphCanvas, { props: { live: NOTHING_LIVE, issues: [] }, attachTo: document.body });
  }

  get cards(): string[] {
    return [...document.querySelectorAll<HTMLElement>("article[data-node]")].map((card) => card.dataset.node ?? "");
  }
  private send(type: string, x: number, y: number, more: PointerEventInit = {}): void {
    const event = new PointerEvent(type, { clientX: x, clientY: y, pointerId: 1, bubbles: true, button: 0, ...more });
    this.wrapper.element.dispatchEvent(event);
  }
  async frames(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await vi.advanceTimersByTimeAsync(FRAME);
  }
  /** What 30 steps of a gesture draw and walk over. */
  async gesture(from: readonly [number, number], button: number, keys: PointerEventInit = {}) {
    this.send("pointerdown", ...from, { button, ...keys });
    this.send("pointermove", from[0] + 4, from[1] + 4, keys);
    await this.frames(2);
    return this.counted(async () => {
      for (let i = 2; i < 32; i++) {
        this.send("pointermove", from[0] + 4 * i, from[1] + 2 * i, keys);
        await this.frames(1);
      }
    }).finally(() => this.send("pointerup", from[0], from[1], keys));
  }
  async hover() {
    return this.counted(async () => {
      for (let i = 0; i < 30; i++) {
        this.send("pointermove", 200 + 20 * i, 300 + 3 * i);
        await this.frames(1);
      }
    });
  }
  async counted(work: () => Promise<void>): Promise<{ drawn: number; walks: number }> {
    this.counts.drawn = 0;
    this.counts.walks = 0;
    const stop = countWalks(this.counts);
    try {
      await work();
    } finally {
      stop();
    }
    return { ...this.counts };
  }
  close(): void {
    this.wrapper.unmount();
  }
}

let canvas: BigCanvas;
async function open(count: number): Promise<BigCanvas> {
  setActivePinia(createPinia());
  canvas = new BigCanvas(count);
  await canvas.frames(20);
  return canvas;
}
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "performance"],
  });
});
afterEach(() => {
  canvas.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the canvas with 1,000 nodes", () => {
  it("mounts only what is in view, and nothing from afar", async () => {
    const { cards, session } = await open(LARGE);
    expect(cards.length).toBeGreaterThan(20);
    expect(cards.length).toBeLessThan(60);
    const minimap = document.querySelector<HTMLElement>(".minimap");
    expect(minimap?.hidden).toBe(false);
    session.view?.fit();
    await canvas.frames(3);
    expect(canvas.cards).toEqual([]);
    // What is seen whole needs no map.
    expect(minimap?.hidden).toBe(true);
  });

  it("walks over the whole graph at no step of panning, dragging and hovering", async () => {
    await open(LARGE);
    const drag = await canvas.gesture(ON_A_NODE, 0);
    expect(canvas.documents.undoLabel).toBe("Move");
    // The minimap follows a few times a second.
    expect(drag.walks).toBeLessThanOrEqual(20);
    await canvas.frames(20);
    expect((await canvas.hover()).walks).toBe(0);
    expect((await canvas.gesture([700, 620], 1)).walks).toBe(0);
    expect(canvas.session.viewport.x).not.toBe(0);
  });

  it("draws as much for a step of a drag as with 50 nodes", async () => {
    await open(50);
    const small = await canvas.gesture(ON_A_NODE, 0);
    canvas.close();
    await open(LARGE);
    const large = await canvas.gesture(ON_A_NODE, 0);
    expect(large.drawn).toBeGreaterThan(0);
    expect(large.drawn).toBeLessThan(1.5 * small.drawn);
  });
});
