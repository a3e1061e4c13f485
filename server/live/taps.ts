/** Which wires of a run are looked at, by anybody. */
import type { Tap } from "@distillery/shared/run/job";

const MAX_PER_VIEWER = 32;

export class TapTable {
  /** run -> viewer -> `node.socket` -> tap */
  private readonly byRun = new Map<string, Map<string, Map<string, Tap>>>();

  /** @throws Error when a viewer looks at too many wires at once. */
  add(runId: string, viewer: string, tap: Tap): void {
    const run = this.byRun.get(runId) ?? new Map<string, Map<string, Tap>>();
    const own = run.get(viewer) ?? new Map<string, Tap>();
    const key = `${tap.node}.${tap.socket}`;
    if (!own.has(key) && own.size >= MAX_PER_VIEWER)
      throw new Error(`At most ${MAX_PER_VIEWER} wires can be tapped at once; close one first.`);
    own.set(key, tap);
    run.set(viewer, own);
    this.byRun.set(runId, run);
  }

  remove(runId: string, viewer: string, node: string, socket: string): void {
    const run = this.byRun.get(runId);
    const own = run?.get(viewer);
    own?.delete(`${node}.${socket}`);
    if (own?.size === 0) run?.delete(viewer);
    if (run?.size === 0) this.byRun.delete(runId);
  }

  /** Forgets a viewer; returns the runs whose taps changed. */
  leave(viewer: string, runId?: string): string[] {
    const changed = [...this.byRun].filter(([id, run]) => (runId === undefined || id === runId) && run.has(viewer));
    for (const [id, run] of changed) {
      run.delete(viewer);
      if (run.size === 0) this.byRun.delete(id);
    }
    return changed.map(([id]) => id);
  }

  /** One tap per wire; the most frequent wish wins. */
  of(runId: string): Tap[] {
    const merged = new Map<string, Tap>();
    for (const own of this.byRun.get(runId)?.values() ?? []) {
      for (const [key, tap] of own) {
        const other = merged.get(key);
        merged.set(key, other === undefined || tap.every < other.every ? tap : other);
      }
    }
    return [...merged.values()];
  }
}
