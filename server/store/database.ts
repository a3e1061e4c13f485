/** One embedded database file. The driver is synchronous: a transaction cannot interleave with another one here. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";
import { MIGRATIONS } from "./migrations";

export type Row = Record<string, unknown>;
type Value = string | number | null;

/** The store could not write: most often a full disk. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** Turns "no space" of the database or the file system into one clear line; other errors pass unchanged. */
export function explainStorage(error: unknown, place: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code.startsWith("SQLITE_FULL") || /database or disk is full/.test(text))
    return new StorageError(`The disk that holds ${place} is full: free some space and try again.`);
  if (code === "EROFS" || code === "EACCES" || code.startsWith("SQLITE_READONLY"))
    return new StorageError(`${place} cannot be written (${text}).`);
  return error;
}

export class Database {
  private readonly db: Libsql.Database;
  private readonly statements = new Map<string, Libsql.Statement>();
  private depth = 0;

  constructor(readonly file: string) {
    try {
      if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
      this.db = new Libsql(file);
      // In this order: switching to WAL already needs a lock that another process may hold.
      this.db.exec("PRAGMA busy_timeout = 5000");
      this.db.exec("PRAGMA journal_mode = WAL");
      // FULL: a saved graph must survive a power cut; the event log commits in batches, so it costs little.
      this.db.exec("PRAGMA synchronous = FULL");
      this.db.exec("PRAGMA foreign_keys = ON");
      this.migrate();
    } catch (error) {
      throw explainStorage(error, dirname(file));
    }
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.guard(() => this.statement(sql).all(values)) as Row[];
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  /** Returns the number of rows changed. */
  run(sql: string, ...values: Value[]): number {
    return this.guard(() => this.statement(sql).run(values)).changes;
  }

  /** All of `work` or nothing; may be nested. */
  transaction<T>(work: () => T): T {
    if (this.depth > 0) return work();
    this.guard(() => this.db.exec("BEGIN IMMEDIATE"));
    this.depth++;
    try {
      const result = work();
      this.guard(() => this.db.exec("COMMIT"));
      return result;
    } catch (error) {
      if (this.db.inTransaction) this.db.exec("ROLLBACK");
      throw error;
    } finally {
      this.depth--;
    }
  }

  close(): void {
    this.statements.clear();
    this.db.close();
  }

  private statement(sql: string): Libsql.Statement {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.db.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explainStorage(error, this.file);
    }
  }

  private migrate(): void {
    this.transaction(() => {
      const current = Number(this.get("PRAGMA user_version")?.user_version ?? 0);
      if (current > MIGRATIONS.length)
        throw new StorageError(`${this.file} was written by a newer Distillery (schema ${current}); update this one.`);
      for (const script of MIGRATIONS.slice(current)) this.db.exec(script);
      this.db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    });
  }
}
