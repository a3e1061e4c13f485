/** Saved graphs and their versions. */
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import type { GraphRecord, GraphSummary, GraphVersion } from "@distillery/shared/protocol/rest";
import { newId } from "../identifiers";
import type { Database, Row } from "./database";

/** Older versions than these are dropped: autosave makes many. */
const VERSIONS_KEPT = 200;

const summaryOf = (row: Row): GraphSummary => ({
  id: String(row.id),
  name: String(row.name),
  revision: Number(row.revision),
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
});
const documentOf = (row: Row): GraphDocument => documentSchema.parse(JSON.parse(String(row.document)));

export type SaveResult =
  | { kind: "saved"; record: GraphRecord }
  | { kind: "missing" }
  | { kind: "stale"; revision: number };

export class GraphStore {
  constructor(private readonly db: Database) {}

  list(): GraphSummary[] {
    return this.db
      .all("SELECT id, name, revision, created_at, updated_at FROM graphs ORDER BY updated_at DESC, rowid DESC")
      .map(summaryOf);
  }

  get(id: string): GraphRecord | undefined {
    const row = this.db.get("SELECT * FROM graphs WHERE id = ?", id);
    return row && { ...summaryOf(row), graph: documentOf(row) };
  }

  create(graph: GraphDocument, now = Date.now()): GraphRecord {
    const id = newId();
    const text = JSON.stringify(graph);
    this.db.transaction(() => {
      this.db.run(
        "INSERT INTO graphs (id, name, revision, created_at, updated_at, document) VALUES (?, ?, 1, ?, ?, ?)",
        id,
        graph.name,
        now,
        now,
        text,
      );
      this.saveVersion(id, 1, now, graph.name, text);
    });
    return { id, name: graph.name, revision: 1, createdAt: now, updatedAt: now, graph };
  }

  /** Saves over revision `expected` only; `null` means whatever is there (`If-Match: *`). */
  save(id: string, graph: GraphDocument, expected: number | null, now = Date.now()): SaveResult {
    return this.db.transaction(() => {
      const row = this.db.get("SELECT * FROM graphs WHERE id = ?", id);
      if (row === undefined) return { kind: "missing" };
      const current = Number(row.revision);
      if (expected !== null && expected !== current) return { kind: "stale", revision: current };
      const text = JSON.stringify(graph);
      // The same contents again are not a new version: autosave may repeat itself.
      if (text === row.document) return { kind: "saved", record: { ...summaryOf(row), graph } };
      const revision = current + 1;
      this.db.run(
        "UPDATE graphs SET name = ?, revision = ?, updated_at = ?, document = ? WHERE id = ?",
        graph.name,
        revision,
        now,
        text,
        id,
      );
      this.saveVersion(id, revision, now, graph.name, text);
      const createdAt = Number(row.created_at);
      return { kind: "saved", record: { id, name: graph.name, revision, createdAt, updatedAt: now, graph } };
    });
  }

  remove(id: string): boolean {
    return this.db.run("DELETE FROM graphs WHERE id = ?", id) > 0;
  }

  versions(id: string): GraphVersion[] {
    return this.db
      .all("SELECT revision, saved_at, name FROM graph_versions WHERE graph_id = ? ORDER BY revision DESC", id)
      .map((row) => ({ revision: Number(row.revision), savedAt: Number(row.saved_at), name: String(row.name) }));
  }

  version(id: string, revision: number): GraphVersion | undefined {
    const row = this.db.get("SELECT * FROM graph_versions WHERE graph_id = ? AND revision = ?", id, revision);
    return row && { revision, savedAt: Number(row.saved_at), name: String(row.name), graph: documentOf(row) };
  }

  private saveVersion(id: string, revision: number, now: number, name: string, text: string): void {
    this.db.run(
      "INSERT INTO graph_versions (graph_id, revision, saved_at, name, document) VALUES (?, ?, ?, ?, ?)",
      id,
      revision,
      now,
      name,
      text,
    );
    this.db.run("DELETE FROM graph_versions WHERE graph_id = ? AND revision <= ?", id, revision - VERSIONS_KEPT);
  }
}
