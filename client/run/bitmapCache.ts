/** Decoded pictures by event number, the most recently used kept; a bitmap that leaves is closed. */
export interface Closable {
  close(): void;
}

export class BitmapCache<B extends Closable> {
  private readonly bitmaps = new Map<number, B>();

  constructor(private readonly limit: number) {}

  get(seq: number): B | undefined {
    const bitmap = this.bitmaps.get(seq);
    if (bitmap) {
      this.bitmaps.delete(seq);
      this.bitmaps.set(seq, bitmap);
    }
    return bitmap;
  }
  put(seq: number, bitmap: B): void {
    const known = this.bitmaps.get(seq);
    if (known && known !== bitmap) known.close();
    this.bitmaps.delete(seq);
    this.bitmaps.set(seq, bitmap);
    for (const [oldest, old] of this.bitmaps) {
      if (this.bitmaps.size <= this.limit) break;
      this.bitmaps.delete(oldest);
      old.close();
    }
  }
  clear(): void {
    for (const bitmap of this.bitmaps.values()) bitmap.close();
    this.bitmaps.clear();
  }
  get size(): number {
    return this.bitmaps.size;
  }
}
