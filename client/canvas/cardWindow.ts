/** Which cards are mounted: those near the view, a few more with every frame, and no new ones while the view zooms. */
import type { Viewport } from "../editor/sessionStore";
import { isInside, type Rect } from "./spatialIndex";
import { FLAT_BELOW, viewRect } from "./viewport";

/** Cards are mounted this far outside the view (pixels), so that panning rarely mounts. */
const MARGIN = 240;
/** Building a card costs about a millisecond; until it is there, a flat box stands for it. */
export const CARDS_PER_FRAME = 12;
/** The wheel has come to rest, milliseconds. */
export const SETTLE = 120;

export interface CanvasWindow {
  readonly viewport: Viewport;
  readonly width: number;
  readonly height: number;
}
export interface CardPlan {
  readonly cards: readonly string[];
  /** Milliseconds until more is to be done; null when everything is as it should be. */
  readonly wait: number | null;
}

export class CardWindow {
  private covered: Rect | null = null;
  private zoom = 0;
  private zoomedAt = Number.NEGATIVE_INFINITY;
  private hasJumped = true;

  constructor(
    private readonly query: (area: Rect) => readonly string[],
    private readonly rectOf: (id: string) => Rect | undefined,
  ) {}

  /** Nodes have come, gone or moved, or the canvas has another size. */
  invalidate(): void {
    this.covered = null;
  }

  /** The zoom about to be seen is not a step of a gesture: its cards need not wait. */
  jump(): void {
    this.hasJumped = true;
    this.zoomedAt = Number.NEGATIVE_INFINITY;
  }

  /** What to mount in this frame, given what is mounted; `mounted` itself when that is right. */
  next(mounted: readonly string[], { viewport, width, height }: CanvasWindow, now: number): CardPlan {
    if (viewport.zoom !== this.zoom) {
      if (!this.hasJumped) this.zoomedAt = now;
      this.zoom = viewport.zoom;
      this.covered = null;
    }
    this.hasJumped = false;
    if (viewport.zoom < FLAT_BELOW) {
      this.covered = null;
      return { cards: mounted.length === 0 ? mounted : [], wait: null };
    }
    const rest = this.zoomedAt + SETTLE - now;
    if (rest > 0) return { cards: mounted, wait: rest };
    if (this.covered && isInside(viewRect(viewport, width, height, MARGIN / 4), this.covered))
      return { cards: mounted, wait: null };
    const area = viewRect(viewport, width, height, MARGIN);
    const wanted = new Set(this.query(area));
    const kept = mounted.filter((id) => wanted.has(id));
    for (const id of kept) wanted.delete(id);
    const missing = this.fromTheMiddle([...wanted], area).slice(0, CARDS_PER_FRAME);
    const isWhole = missing.length === wanted.size;
    if (isWhole) this.covered = area;
    const isSame = missing.length === 0 && kept.length === mounted.length;
    return { cards: isSame ? mounted : [...kept, ...missing], wait: isWhole ? null : 0 };
  }

  private fromTheMiddle(ids: string[], area: Rect): string[] {
    if (ids.length <= CARDS_PER_FRAME) return ids;
    const middle = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
    const distance = (id: string) => {
      const rect = this.rectOf(id);
      return rect ? Math.hypot(rect.x + rect.width / 2 - middle.x, rect.y + rect.height / 2 - middle.y) : 0;
    };
    return ids
      .map((id) => [id, distance(id)] as const)
      .sort(([, a], [, b]) => a - b)
      .map(([id]) => id);
  }
}
