/** Users' own data sets and models. */
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import type { Database, Row } from "./database";

export type DatasetRecord = UserDatasetInfo & { createdAt: number; report: unknown };
export type ModelRecord = UserModelInfo & { createdAt: number; hash: string };

const datasetOf = (row: Row): DatasetRecord => ({
  id: String(row.id),
  name: String(row.name),
  size: Number(row.size),
  ...(row.frames === null ? {} : { frames: Number(row.frames) }),
  classes: JSON.parse(String(row.classes)),
  count: Number(row.count),
  createdAt: Number(row.created_at),
  report: JSON.parse(String(row.report)),
});
const modelOf = (row: Row): ModelRecord => ({
  id: String(row.id),
  name: String(row.name),
  bytes: Number(row.bytes),
  hash: String(row.hash),
  inputs: JSON.parse(String(row.inputs)),
  outputs: JSON.parse(String(row.outputs)),
  createdAt: Number(row.created_at),
});

export class Registry {
  constructor(private readonly db: Database) {}

  datasets(): DatasetRecord[] {
    return this.db.all("SELECT * FROM datasets ORDER BY created_at DESC, rowid DESC").map(datasetOf);
  }
  dataset(id: string): DatasetRecord | undefined {
    const row = this.db.get("SELECT * FROM datasets WHERE id = ?", id);
    return row && datasetOf(row);
  }
  addDataset(record: DatasetRecord): void {
    this.db.run(
      "INSERT INTO datasets (id, name, size, frames, classes, count, created_at, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      record.id,
      record.name,
      record.size,
      record.frames ?? null,
      JSON.stringify(record.classes),
      record.count,
      record.createdAt,
      JSON.stringify(record.report),
    );
  }
  removeDataset(id: string): boolean {
    return this.db.run("DELETE FROM datasets WHERE id = ?", id) > 0;
  }

  models(): ModelRecord[] {
    return this.db.all("SELECT * FROM models ORDER BY created_at DESC, rowid DESC").map(modelOf);
  }
  model(id: string): ModelRecord | undefined {
    const row = this.db.get("SELECT * FROM models WHERE id = ?", id);
    return row && modelOf(row);
  }
  addModel(record: ModelRecord): void {
    this.db.run(
      "INSERT INTO models (id, name, bytes, hash, inputs, outputs, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      record.id,
      record.name,
      record.bytes,
      record.hash,
      JSON.stringify(record.inputs),
      JSON.stringify(record.outputs),
      record.createdAt,
    );
  }
  removeModel(id: string): boolean {
    return this.db.run("DELETE FROM models WHERE id = ?", id) > 0;
  }
}
