/** What is to be generated anew, as a grid of the pictures' own pixels. Pure; drawing and files are elsewhere. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

export class Mask {
  constructor(
    readonly size: number,
    /** 1 where it is generated anew. */
    readonly cells: Uint8Array = new Uint8Array(size * size),
  ) {}

  get share(): number {
    return this.cells.reduce((sum, cell) => sum + cell, 0) / this.cells.length;
  }
  get isEmpty(): boolean {
    return !this.cells.includes(1);
  }
  has({ x, y }: Cell): boolean {
    return this.cells[Math.floor(y) * this.size + Math.floor(x)] === 1;
  }

  /** A round brush of `brush` cells across drawn from one point to another, in cells; returns the new mask. */
  stroke(from: Cell, to: Cell, brush: number, isErasing = false): Mask {
    const [a, b] = [snap(from, brush), snap(to, brush)];
    const cells = this.cells.slice();
    const radius = brush / 2;
    for (let y = 0; y < this.size; y++)
      for (let x = 0; x < this.size; x++)
        if (distanceToSegment({ x: x + 0.5, y: y + 0.5 }, a, b) <= radius) cells[y * this.size + x] = isErasing ? 0 : 1;
    return new Mask(this.size, cells);
  }
  inverted(): Mask {
    return new Mask(
      this.size,
      this.cells.map((cell) => 1 - cell),
    );
  }
  /** Opaque RGBA pixels: white is generated anew, black is kept. */
  pixels(): Uint8ClampedArray<ArrayBuffer> {
    const rgba = new Uint8ClampedArray(4 * this.cells.length);
    this.cells.forEach((cell, i) => {
      rgba.set([255 * cell, 255 * cell, 255 * cell, 255], 4 * i);
    });
    return rgba;
  }
}

/** Brushes of odd width sit on the middle of a cell, those of even width on a corner: all come out symmetric. */
function snap({ x, y }: Cell, brush: number): Cell {
  return brush % 2 === 1 ? { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 } : { x: Math.round(x), y: Math.round(y) };
}

function distanceToSegment(p: Cell, a: Cell, b: Cell): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length));
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}
