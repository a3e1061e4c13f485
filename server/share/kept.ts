/** The newest results of costly work, by key: a link that is posted is asked for by many at once. */
export class Kept<T> {
  private readonly made = new Map<string, T>();

  constructor(private readonly most: number) {}

  get(key: string, make: () => T): T {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const result = make();
    this.made.set(key, result);
    for (const oldest of this.made.keys()) {
      if (this.made.size <= this.most) break;
      this.made.delete(oldest);
    }
    return result;
  }

  forget(key: string): void {
    this.made.delete(key);
  }
}
