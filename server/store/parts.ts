/** The library of parts; of each the newest revision. */
import { type Part, type PartRecord, type PartSummary, partSchema } from "@distillery/shared/protocol/parts";
import { newId } from "../identifiers";
import type { Database, Row } from "./database";

const summaryOf = (row: Row): PartSummary => ({
  id: String(row.id),
  name: String(row.name),
  description: String(row.description),
  revision: Number(row.revision),
  updatedAt: Number(row.updated_at),
});

export class PartStore {
  constructor(private readonly db: Database) {}

  list(): PartSummary[] {
    return this.db
      .all("SELECT id, name, description, revision, updated_at FROM parts ORDER BY name COLLATE NOCASE, id")
      .map(summaryOf);
  }

  get(id: string): PartRecord | undefined {
    const row = this.db.get("SELECT * FROM parts WHERE id = ?", id);
    return row && { ...summaryOf(row), part: partSchema.parse(JSON.parse(String(row.body))) };
  }

  create(part: Part, now = Date.now()): PartRecord {
    const id = newId();
    const { name, description } = part.subgraph;
    this.db.run(
      "INSERT INTO parts (id, name, description, revision, updated_at, body) VALUES (?, ?, ?, 1, ?, ?)",
      id,
      name,
      description,
      now,
      JSON.stringify(part),
    );
    return { id, name, description, revision: 1, updatedAt: now, part };
  }

  /** Saves over revision `expected` only; else the revision that is there, or undefined where the part has gone. */
  save(id: string, part: Part, expected: number, now = Date.now()): PartRecord | { stale: number } | undefined {
    return this.db.transaction(() => {
      const current = this.get(id);
      if (current === undefined) return undefined;
      if (current.revision !== expected) return { stale: current.revision };
      const { name, description } = part.subgraph;
      const revision = expected + 1;
      this.db.run(
        "UPDATE parts SET name = ?, description = ?, revision = ?, updated_at = ?, body = ? WHERE id = ?",
        name,
        description,
        revision,
        now,
        JSON.stringify(part),
        id,
      );
      return { id, name, description, revision, updatedAt: now, part };
    });
  }

  remove(id: string): boolean {
    return this.db.run("DELETE FROM parts WHERE id = ?", id) > 0;
  }
}
