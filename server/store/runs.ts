/** Runs, their numbered events and what they leave behind. */
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import {
  deviceSchema,
  type EventBody,
  eventBodySchema,
  type RunEvent,
  runStatusSchema,
} from "@distillery/shared/protocol/events";
import {
  type Artifact,
  type ChangeRun,
  type Overrides,
  overridesSchema,
  type RunDetail,
  type RunFacets,
  type RunFilter,
  type RunRecord,
} from "@distillery/shared/protocol/rest";
import type { Database, Row } from "./database";
import { conditionsOf } from "./runFilter";

export interface NewRun {
  readonly record: RunRecord;
  readonly document: GraphDocument;
  readonly overrides: Overrides;
  /** Process that looks after the run. */
  readonly owner: string;
  /** Blob of the checkpoint it starts from. */
  readonly sourceCheckpoint: string | null;
}

export interface Checkpoint {
  readonly step: number;
  readonly hash: string;
  readonly bytes: number;
}

/** Fields of a run that change while it goes on. */
export type RunChange = Partial<
  Pick<RunRecord, "status" | "step" | "steps" | "startedAt" | "finishedAt" | "error" | "metrics" | "device">
>;

const optionalNumber = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);

function recordOf(row: Row): RunRecord {
  return {
    id: String(row.id),
    status: runStatusSchema.parse(row.status),
    label: String(row.label),
    graphId: row.graph_id === null ? null : String(row.graph_id),
    graphName: String(row.graph_name),
    graphHash: String(row.graph_hash),
    device: deviceSchema.parse(row.device),
    seed: Number(row.seed),
    step: Number(row.step),
    steps: Number(row.steps),
    createdAt: Number(row.created_at),
    startedAt: optionalNumber(row.started_at),
    finishedAt: optionalNumber(row.finished_at),
    lastSeq: Number(row.last_seq),
    error: row.error === null ? null : JSON.parse(String(row.error)),
    metrics: JSON.parse(String(row.metrics)),
    batch: row.batch === null ? null : String(row.batch),
    notes: String(row.notes),
    tags: JSON.parse(String(row.tags)),
    starred: Number(row.starred) === 1,
  };
}

const COLUMNS =
  "id, status, label, graph_id, graph_name, graph_hash, device, seed, step, steps, created_at, started_at, finished_at, last_seq, error, metrics, batch, notes, tags, starred";

export class RunStore {
  constructor(private readonly db: Database) {}

  create({ record, document, overrides, owner, sourceCheckpoint }: NewRun): void {
    this.db.run(
      `INSERT INTO runs (id, status, label, graph_id, graph_name, graph_hash, device, seed, step, steps, created_at,
        overrides, document, owner, source_checkpoint, batch, queue_rank)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(queue_rank), 0) + 1 FROM runs))`,
      record.id,
      record.status,
      record.label,
      record.graphId,
      record.graphName,
      record.graphHash,
      record.device,
      record.seed,
      record.step,
      record.steps,
      record.createdAt,
      JSON.stringify(overrides),
      JSON.stringify(document),
      owner,
      sourceCheckpoint,
      record.batch,
    );
  }

  get(id: string): RunRecord | undefined {
    const row = this.db.get(`SELECT ${COLUMNS} FROM runs WHERE id = ?`, id);
    return row && recordOf(row);
  }

  detail(id: string): RunDetail | undefined {
    const row = this.db.get("SELECT * FROM runs WHERE id = ?", id);
    return (
      row && {
        ...recordOf(row),
        graph: documentSchema.parse(JSON.parse(String(row.document))),
        overrides: overridesSchema.parse(JSON.parse(String(row.overrides))),
      }
    );
  }

  /** Newest first, also within a millisecond. */
  list({ limit, before, ...filter }: RunFilter): RunRecord[] {
    const conditions = conditionsOf(filter);
    if (before !== undefined)
      conditions.push({
        sql: "(created_at, rowid) < (SELECT created_at, rowid FROM runs WHERE id = ?)",
        values: [before],
      });
    const where = conditions.length === 0 ? "" : `WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;
    const values = conditions.flatMap((condition) => condition.values);
    return this.db
      .all(`SELECT ${COLUMNS} FROM runs ${where} ORDER BY created_at DESC, rowid DESC LIMIT ?`, ...values, limit)
      .map(recordOf);
  }

  facets(): RunFacets {
    const counted = (sql: string) => this.db.all(sql).map((row) => ({ name: String(row.name), count: Number(row.n) }));
    return {
      graphs: counted("SELECT graph_name AS name, COUNT(*) AS n FROM runs GROUP BY graph_name ORDER BY n DESC, name"),
      tags: counted(
        "SELECT value AS name, COUNT(*) AS n FROM runs, json_each(runs.tags) GROUP BY value ORDER BY n DESC, name",
      ),
    };
  }

  /** Runs that were not finished, in the order of the queue, with the process that looks after each. */
  unfinished(): { record: RunRecord; owner: string }[] {
    return this.db
      .all(
        `SELECT ${COLUMNS}, owner FROM runs WHERE status NOT IN ('done', 'failed', 'cancelled')
          ORDER BY queue_rank, created_at, rowid`,
      )
      .map((row) => ({ record: recordOf(row), owner: String(row.owner) }));
  }

  /** Its place among those that wait: smaller goes first. */
  rank(id: string): number {
    return Number(this.db.get("SELECT queue_rank FROM runs WHERE id = ?", id)?.queue_rank ?? 0);
  }

  setRanks(ranks: ReadonlyMap<string, number>): void {
    this.db.transaction(() => {
      for (const [id, rank] of ranks) this.db.run("UPDATE runs SET queue_rank = ? WHERE id = ?", rank, id);
    });
  }

  /** What people wrote on a run. */
  mark(id: string, { label, notes, tags, starred }: ChangeRun): void {
    const columns: [string, string | number][] = [];
    if (label !== undefined) columns.push(["label", label]);
    if (notes !== undefined) columns.push(["notes", notes]);
    if (tags !== undefined) columns.push(["tags", JSON.stringify([...new Set(tags)])]);
    if (starred !== undefined) columns.push(["starred", starred ? 1 : 0]);
    this.set(id, columns);
  }

  /** Deletes a run with its events; returns the blobs that nothing needs any more. */
  remove(id: string): string[] {
    return this.db.transaction(() => {
      const blobs = [
        ...this.checkpoints(id).map(({ hash }) => hash),
        ...this.artifacts(id).map(({ hash }) => hash),
        this.sourceCheckpoint(id) ?? [],
      ].flat();
      this.db.run("DELETE FROM runs WHERE id = ?", id);
      return [...new Set(blobs)].filter((hash) => !this.isBlobUsed(hash));
    });
  }

  adopt(id: string, owner: string): void {
    this.db.run("UPDATE runs SET owner = ? WHERE id = ?", owner, id);
  }

  sourceCheckpoint(id: string): string | null {
    const hash = this.db.get("SELECT source_checkpoint FROM runs WHERE id = ?", id)?.source_checkpoint;
    return typeof hash === "string" ? hash : null;
  }

  setSummary(id: string, summary: unknown): void {
    this.db.run("UPDATE runs SET summary = ? WHERE id = ?", JSON.stringify(summary), id);
  }

  summary(id: string): unknown {
    const text = this.db.get("SELECT summary FROM runs WHERE id = ?", id)?.summary;
    return typeof text === "string" ? JSON.parse(text) : undefined;
  }

  /** Writes a batch of events and what they changed in one commit. */
  append(id: string, events: readonly RunEvent[], change: RunChange): void {
    this.db.transaction(() => {
      for (const { seq, time, ...body } of events)
        this.db.run(
          "INSERT INTO events (run_id, seq, time, body) VALUES (?, ?, ?, ?)",
          id,
          seq,
          time,
          JSON.stringify(body),
        );
      const last = events.at(-1);
      if (last) this.db.run("UPDATE runs SET last_seq = ? WHERE id = ?", last.seq, id);
      this.change(id, change);
    });
  }

  events(id: string, after: number, limit: number): RunEvent[] {
    return this.db
      .all("SELECT seq, time, body FROM events WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?", id, after, limit)
      .map((row) => ({ ...parseBody(row.body), seq: Number(row.seq), time: Number(row.time) }));
  }

  event(id: string, seq: number): RunEvent | undefined {
    return this.events(id, seq - 1, 1).find((event) => event.seq === seq);
  }

  addCheckpoint(id: string, step: number, hash: string, bytes: number, now = Date.now()): void {
    this.db.run(
      "INSERT OR REPLACE INTO checkpoints (run_id, step, hash, bytes, created_at) VALUES (?, ?, ?, ?, ?)",
      id,
      step,
      hash,
      bytes,
      now,
    );
  }

  /** Newest first. */
  checkpoints(id: string): Checkpoint[] {
    return this.db
      .all("SELECT step, hash, bytes FROM checkpoints WHERE run_id = ? ORDER BY step DESC", id)
      .map((row) => ({ step: Number(row.step), hash: String(row.hash), bytes: Number(row.bytes) }));
  }

  removeCheckpoint(id: string, step: number): void {
    this.db.run("DELETE FROM checkpoints WHERE run_id = ? AND step = ?", id, step);
  }

  addArtifact(id: string, artifact: Artifact & { hash: string }): void {
    this.db.run(
      "INSERT OR REPLACE INTO artifacts (run_id, name, hash, bytes, mime, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      artifact.name,
      artifact.hash,
      artifact.bytes,
      artifact.mime,
      artifact.createdAt,
    );
  }

  /** In the order they came, also within a millisecond. */
  artifacts(id: string): (Artifact & { hash: string })[] {
    return this.db.all("SELECT * FROM artifacts WHERE run_id = ? ORDER BY created_at, rowid", id).map((row) => ({
      name: String(row.name),
      bytes: Number(row.bytes),
      mime: String(row.mime),
      createdAt: Number(row.created_at),
      hash: String(row.hash),
    }));
  }

  /** Whether anything still needs a blob. */
  isBlobUsed(hash: string): boolean {
    const row = this.db.get(
      `SELECT EXISTS (SELECT 1 FROM checkpoints WHERE hash = ?) OR EXISTS (SELECT 1 FROM artifacts WHERE hash = ?)
        OR EXISTS (SELECT 1 FROM runs WHERE source_checkpoint = ?) OR EXISTS (SELECT 1 FROM models WHERE hash = ?) AS used`,
      hash,
      hash,
      hash,
      hash,
    );
    return Number(row?.used) === 1;
  }

  change(id: string, change: RunChange): void {
    const columns: [string, string | number | null][] = [];
    if (change.status !== undefined) columns.push(["status", change.status]);
    if (change.device !== undefined) columns.push(["device", change.device]);
    if (change.step !== undefined) columns.push(["step", change.step]);
    if (change.steps !== undefined) columns.push(["steps", change.steps]);
    if (change.startedAt !== undefined) columns.push(["started_at", change.startedAt]);
    if (change.finishedAt !== undefined) columns.push(["finished_at", change.finishedAt]);
    if (change.error !== undefined)
      columns.push(["error", change.error === null ? null : JSON.stringify(change.error)]);
    if (change.metrics !== undefined) columns.push(["metrics", JSON.stringify(change.metrics)]);
    this.set(id, columns);
  }

  private set(id: string, columns: readonly (readonly [string, string | number | null])[]): void {
    if (columns.length === 0) return;
    const sets = columns.map(([name]) => `${name} = ?`).join(", ");
    this.db.run(`UPDATE runs SET ${sets} WHERE id = ?`, ...columns.map(([, value]) => value), id);
  }
}

const parseBody = (text: unknown): EventBody => eventBodySchema.parse(JSON.parse(String(text)));
