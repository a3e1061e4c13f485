import { describe, expect, it } from "vitest";
import { CARDS_PER_FRAME, CardWindow, SETTLE } from "./cardWindow";
import { SpatialIndex } from "./spatialIndex";

const view = (zoom: number, x = 0) => ({ viewport: { x, y: 0, zoom }, width: 1400, height: 860 });

/** A window over 1,600 nodes on a grid, and frames of it. */
class Frames {
  readonly window: CardWindow;
  mounted: readonly string[] = [];
  private now = 0;

  constructor() {
    const index = new SpatialIndex();
    for (let i = 0; i < 1600; i++)
      index.set(`n${i}`, { x: (i % 40) * 300, y: Math.floor(i / 40) * 260, width: 220, height: 200 });
    this.window = new CardWindow(
      (area) => index.query(area),
      (id) => index.get(id),
    );
  }
  /** How many cards came in this frame, and whether that was all. */
  next(zoom: number, x = 0): { came: number; wait: number | null } {
    this.now += 16;
    const before = new Set(this.mounted);
    const { cards, wait } = this.window.next(this.mounted, view(zoom, x), this.now);
    this.mounted = cards;
    return { came: cards.filter((id) => !before.has(id)).length, wait };
  }
  settle(zoom: number, x = 0): number {
    let frames = 1;
    while (this.next(zoom, x).wait !== null) frames++;
    return frames;
  }
}

describe("CardWindow", () => {
  it("mounts what is near the view, a few cards a frame, from the middle on", () => {
    const frames = new Frames();
    const first = frames.next(1);
    expect(first).toEqual({ came: CARDS_PER_FRAME, wait: 0 });
    expect(frames.mounted).toContain("n42");
    frames.settle(1);
    expect(frames.mounted.length).toBeGreaterThan(20);
    expect(frames.mounted.length).toBeLessThan(60);
  });

  it("does nothing while a pan stays near, and drops what it left behind", () => {
    const frames = new Frames();
    frames.settle(1);
    const { mounted } = frames;
    frames.next(1, -100);
    expect(frames.mounted).toBe(mounted);
    frames.settle(1, -3000);
    expect(frames.mounted).not.toContain("n0");
    expect(frames.mounted.length).toBeLessThan(60);
  });

  it("mounts nothing while the wheel turns, and the rest when it has come to rest", () => {
    const frames = new Frames();
    frames.settle(1);
    const before = frames.mounted;
    for (const zoom of [0.9, 0.8, 0.7, 0.6]) expect(frames.next(zoom).came).toBe(0);
    expect(frames.mounted).toBe(before);
    expect(frames.settle(0.6)).toBeGreaterThan(SETTLE / 16);
    expect(frames.mounted.length).toBeGreaterThan(before.length);
  });

  it("does not wait after a jump, and shows no cards from afar", () => {
    const frames = new Frames();
    frames.settle(1);
    expect(frames.next(0.1)).toEqual({ came: 0, wait: null });
    expect(frames.mounted).toEqual([]);
    frames.window.jump();
    expect(frames.next(1).came).toBe(CARDS_PER_FRAME);
  });
});
