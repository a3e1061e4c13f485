/** Which boxes touch a rectangle: a hash of square cells, cheap to update while things move. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const touches = (a: Rect, b: Rect): boolean =>
  a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;

export const contains = (rect: Rect, x: number, y: number): boolean =>
  x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;

export const isInside = (inner: Rect, outer: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Smallest box around all; `null` for none. */
export function boundsOf(rects: Iterable<Rect>): Rect | null {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const rect of rects) {
    left = Math.min(left, rect.x);
    top = Math.min(top, rect.y);
    right = Math.max(right, rect.x + rect.width);
    bottom = Math.max(bottom, rect.y + rect.height);
  }
  return left > right ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** Boxes larger than this many cells are kept in a list of their own. */
const LARGE = 64;

export class SpatialIndex {
  private readonly rects = new Map<string, Rect>();
  private readonly cells = new Map<string, Set<string>>();
  private readonly large = new Set<string>();

  constructor(private readonly cell = 512) {}

  get size(): number {
    return this.rects.size;
  }
  get(id: string): Rect | undefined {
    return this.rects.get(id);
  }
  entries(): IterableIterator<[string, Rect]> {
    return this.rects.entries();
  }

  set(id: string, rect: Rect): void {
    this.delete(id);
    this.rects.set(id, rect);
    if (this.cellCount(rect) > LARGE) this.large.add(id);
    else
      for (const key of this.keys(rect)) {
        const ids = this.cells.get(key);
        if (ids) ids.add(id);
        else this.cells.set(key, new Set([id]));
      }
  }

  delete(id: string): void {
    const rect = this.rects.get(id);
    if (!rect) return;
    this.rects.delete(id);
    if (this.large.delete(id)) return;
    for (const key of this.keys(rect)) {
      const ids = this.cells.get(key);
      ids?.delete(id);
      if (ids?.size === 0) this.cells.delete(key);
    }
  }

  clear(): void {
    this.rects.clear();
    this.cells.clear();
    this.large.clear();
  }

  /** Ids of boxes that touch `area`, each once. */
  query(area: Rect): string[] {
    if (this.cellCount(area) > this.cells.size)
      return [...this.rects].filter(([, rect]) => touches(rect, area)).map(([id]) => id);
    const found = new Set<string>(this.large);
    for (const key of this.keys(area)) for (const id of this.cells.get(key) ?? []) found.add(id);
    return [...found].filter((id) => {
      const rect = this.rects.get(id);
      return rect !== undefined && touches(rect, area);
    });
  }

  private span(from: number, length: number): [number, number] {
    return [Math.floor(from / this.cell), Math.floor((from + length) / this.cell)];
  }
  private cellCount(rect: Rect): number {
    const [left, right] = this.span(rect.x, rect.width);
    const [top, bottom] = this.span(rect.y, rect.height);
    return (right - left + 1) * (bottom - top + 1);
  }
  private *keys(rect: Rect): Generator<string> {
    const [left, right] = this.span(rect.x, rect.width);
    const [top, bottom] = this.span(rect.y, rect.height);
    for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) yield `${x},${y}`;
  }
}
