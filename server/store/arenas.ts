/** Arenas, the results they share, and which run works on which result. */
import { type ArenaResult, type ArenaStatus, arenaResultSchema } from "@distillery/shared/protocol/arena";
import { newId, newSlug } from "../identifiers";
import type { Database, Row } from "./database";

/** What a run of an arena is for. */
export type Stage = "measure" | "train" | "evaluate";

export interface StoredArena {
  readonly id: string;
  readonly name: string;
  /** Of everything that it computes: the same arena again is this one. */
  readonly hash: string;
  readonly status: ArenaStatus;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly owner: string;
  /** JSON, written once. */
  readonly plan: string;
  /** Key of an entry -> why it failed. */
  readonly errors: Readonly<Record<string, string>>;
  /** Keys whose results were there before. */
  readonly known: readonly string[];
}

const arenaOf = (row: Row): StoredArena => ({
  id: String(row.id),
  name: String(row.name),
  hash: String(row.hash),
  status: row.status === "running" ? "running" : row.status === "done" ? "done" : "cancelled",
  createdAt: Number(row.created_at),
  finishedAt: row.finished_at === null ? null : Number(row.finished_at),
  owner: String(row.owner),
  plan: String(row.plan),
  errors: JSON.parse(String(row.errors)),
  known: JSON.parse(String(row.known)),
});

export class ArenaStore {
  constructor(private readonly db: Database) {}

  create(arena: Pick<StoredArena, "name" | "hash" | "owner" | "plan" | "known">, now = Date.now()): StoredArena {
    const id = newId();
    this.db.run(
      "INSERT INTO arenas (id, name, hash, status, created_at, owner, plan, known) VALUES (?, ?, ?, 'running', ?, ?, ?, ?)",
      id,
      arena.name,
      arena.hash,
      now,
      arena.owner,
      arena.plan,
      JSON.stringify(arena.known),
    );
    return { ...arena, id, status: "running", createdAt: now, finishedAt: null, errors: {} };
  }

  get(id: string): StoredArena | undefined {
    const row = this.db.get("SELECT * FROM arenas WHERE id = ?", id);
    return row && arenaOf(row);
  }

  /** Newest first. */
  list(): StoredArena[] {
    return this.db.all("SELECT * FROM arenas ORDER BY created_at DESC, rowid DESC").map(arenaOf);
  }

  byHash(hash: string): StoredArena | undefined {
    const row = this.db.get("SELECT * FROM arenas WHERE hash = ? ORDER BY created_at DESC, rowid DESC", hash);
    return row && arenaOf(row);
  }

  remove(id: string): boolean {
    return this.db.run("DELETE FROM arenas WHERE id = ?", id) > 0;
  }

  setStatus(id: string, status: ArenaStatus, now = Date.now()): void {
    const finished = status === "running" ? null : now;
    this.db.run("UPDATE arenas SET status = ?, finished_at = ? WHERE id = ?", status, finished, id);
  }

  adopt(id: string, owner: string): void {
    this.db.run("UPDATE arenas SET owner = ? WHERE id = ?", owner, id);
  }

  setErrors(id: string, errors: Readonly<Record<string, string>>): void {
    this.db.run("UPDATE arenas SET errors = ? WHERE id = ?", JSON.stringify(errors), id);
  }

  result(key: string): ArenaResult | undefined {
    const text = this.db.get("SELECT body FROM arena_results WHERE key = ?", key)?.body;
    return text === undefined ? undefined : arenaResultSchema.parse(JSON.parse(String(text)));
  }

  addResult(key: string, result: ArenaResult, now = Date.now()): void {
    this.db.run(
      "INSERT OR REPLACE INTO arena_results (key, created_at, body) VALUES (?, ?, ?)",
      key,
      now,
      JSON.stringify(result),
    );
  }

  job(key: string, stage: Stage): string | undefined {
    const row = this.db.get("SELECT run_id FROM arena_jobs WHERE key = ? AND stage = ?", key, stage);
    return row && String(row.run_id);
  }

  setJob(key: string, stage: Stage, runId: string): void {
    this.db.run("INSERT OR REPLACE INTO arena_jobs (key, stage, run_id) VALUES (?, ?, ?)", key, stage, runId);
  }

  /** The link to the arena: the same one until it expires or is revoked. `expiresAt` left out changes nothing. */
  share(id: string, expiresAt?: number | null, now = Date.now()): { slug: string; expiresAt: number | null } {
    return this.db.transaction(() => {
      this.db.run("DELETE FROM arena_shares WHERE expires_at <= ?", now);
      this.db.run(
        "INSERT OR IGNORE INTO arena_shares (slug, arena_id, created_at) VALUES (?, ?, ?)",
        newSlug(),
        id,
        now,
      );
      if (expiresAt !== undefined)
        this.db.run("UPDATE arena_shares SET expires_at = ? WHERE arena_id = ?", expiresAt, id);
      const row = this.db.get("SELECT slug, expires_at FROM arena_shares WHERE arena_id = ?", id);
      return { slug: String(row?.slug), expiresAt: row?.expires_at == null ? null : Number(row.expires_at) };
    });
  }

  unshare(id: string): void {
    this.db.run("DELETE FROM arena_shares WHERE arena_id = ?", id);
  }

  shared(slug: string, now = Date.now()): StoredArena | undefined {
    const id = this.db.get(
      "SELECT arena_id FROM arena_shares WHERE slug = ? AND (expires_at IS NULL OR expires_at > ?)",
      slug,
      now,
    )?.arena_id;
    return id === undefined ? undefined : this.get(String(id));
  }
}
