/** Share links: a graph as it was, perhaps with what one run had recorded by then, until it expires or is revoked. */
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import { newSlug } from "../identifiers";
import type { Database, Row } from "./database";

export interface ShareLink {
  readonly slug: string;
  readonly graphId: string;
  readonly revision: number;
  readonly name: string;
  readonly sharedAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  readonly run: SharedRunPart | null;
}
/** Of a run, the events up to and including `lastSeq` are shared: what comes later is not. */
export interface SharedRunPart {
  readonly id: string;
  readonly lastSeq: number;
}
export type ShareChange = Partial<Pick<ShareLink, "expiresAt" | "run">>;

const optionalNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);

const linkOf = (row: Row): ShareLink => ({
  slug: String(row.slug),
  graphId: String(row.graph_id),
  revision: Number(row.revision),
  name: String(row.name),
  sharedAt: Number(row.created_at),
  expiresAt: optionalNumber(row.expires_at),
  run: typeof row.run_id === "string" ? { id: row.run_id, lastSeq: Number(row.run_seq) } : null,
});

const COLUMNS = "slug, graph_id, revision, name, created_at, expires_at, run_id, run_seq";

export class ShareStore {
  constructor(private readonly db: Database) {}

  /** The link to a graph as it is now: one for each revision. Undefined when there is no such graph. */
  create(graphId: string, now = Date.now()): { link: ShareLink; isNew: boolean } | undefined {
    return this.db.transaction(() => {
      this.dropExpired(now);
      const graph = this.db.get("SELECT revision, name, document FROM graphs WHERE id = ?", graphId);
      if (graph === undefined) return undefined;
      const revision = Number(graph.revision);
      const old = this.db.get(`SELECT ${COLUMNS} FROM shares WHERE graph_id = ? AND revision = ?`, graphId, revision);
      if (old !== undefined) return { link: linkOf(old), isNew: false };
      const slug = newSlug();
      const name = String(graph.name);
      this.db.run(
        "INSERT INTO shares (slug, graph_id, revision, created_at, name, document) VALUES (?, ?, ?, ?, ?, ?)",
        slug,
        graphId,
        revision,
        now,
        name,
        String(graph.document),
      );
      return { link: { slug, graphId, revision, name, sharedAt: now, expiresAt: null, run: null }, isNew: true };
    });
  }

  /** Links that still lead somewhere, newest first. */
  list(now = Date.now()): ShareLink[] {
    return this.db
      .all(
        `SELECT ${COLUMNS} FROM shares WHERE expires_at IS NULL OR expires_at > ? ORDER BY created_at DESC, rowid DESC`,
        now,
      )
      .map(linkOf);
  }

  get(slug: string, now = Date.now()): ShareLink | undefined {
    const row = this.db.get(`SELECT ${COLUMNS} FROM shares WHERE slug = ?`, slug);
    const link = row && linkOf(row);
    return link === undefined || (link.expiresAt !== null && link.expiresAt <= now) ? undefined : link;
  }

  document(slug: string): GraphDocument | undefined {
    const row = this.db.get("SELECT document FROM shares WHERE slug = ?", slug);
    return row && documentSchema.parse(JSON.parse(String(row.document)));
  }

  change(slug: string, { expiresAt, run }: ShareChange): void {
    if (expiresAt !== undefined) this.db.run("UPDATE shares SET expires_at = ? WHERE slug = ?", expiresAt, slug);
    if (run !== undefined)
      this.db.run(
        "UPDATE shares SET run_id = ?, run_seq = ? WHERE slug = ?",
        run?.id ?? null,
        run?.lastSeq ?? null,
        slug,
      );
  }

  revoke(slug: string): boolean {
    return this.db.run("DELETE FROM shares WHERE slug = ?", slug) > 0;
  }

  private dropExpired(now: number): void {
    this.db.run("DELETE FROM shares WHERE expires_at <= ?", now);
  }
}
