/** Schema steps, applied in order and never edited once released; `user_version` counts them. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE graphs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, document TEXT NOT NULL
  );
  CREATE TABLE graph_versions (
    graph_id TEXT NOT NULL REFERENCES graphs(id) ON DELETE CASCADE, revision INTEGER NOT NULL,
    saved_at INTEGER NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (graph_id, revision)
  );
  CREATE TABLE shares (
    slug TEXT PRIMARY KEY, graph_id TEXT NOT NULL, revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
    UNIQUE (graph_id, revision)
  );
  CREATE TABLE runs (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, label TEXT NOT NULL, graph_id TEXT, graph_name TEXT NOT NULL,
    graph_hash TEXT NOT NULL, device TEXT NOT NULL, seed INTEGER NOT NULL, step INTEGER NOT NULL, steps INTEGER NOT NULL,
    created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, last_seq INTEGER NOT NULL DEFAULT 0,
    error TEXT, metrics TEXT NOT NULL DEFAULT '{}', overrides TEXT NOT NULL, document TEXT NOT NULL,
    summary TEXT, owner TEXT NOT NULL, source_checkpoint TEXT
  );
  CREATE INDEX runs_by_time ON runs(created_at);
  CREATE TABLE events (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, seq INTEGER NOT NULL,
    time INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run_id, seq)
  ) WITHOUT ROWID;
  CREATE TABLE frames (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, seq INTEGER NOT NULL, step INTEGER NOT NULL,
    tap INTEGER NOT NULL, file TEXT NOT NULL, offset INTEGER NOT NULL, image_bytes INTEGER NOT NULL,
    value_bytes INTEGER NOT NULL, format TEXT NOT NULL, shape TEXT NOT NULL, PRIMARY KEY (run_id, seq)
  ) WITHOUT ROWID;
  CREATE INDEX frames_by_step ON frames(run_id, file);
  CREATE TABLE checkpoints (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, step INTEGER NOT NULL, hash TEXT NOT NULL,
    bytes INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (run_id, step)
  );
  CREATE TABLE artifacts (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, hash TEXT NOT NULL,
    bytes INTEGER NOT NULL, mime TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (run_id, name)
  );
  CREATE TABLE datasets (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, classes TEXT NOT NULL, count INTEGER NOT NULL,
    created_at INTEGER NOT NULL, report TEXT NOT NULL
  );
  CREATE TABLE models (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, hash TEXT NOT NULL, inputs TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
  `,
  "ALTER TABLE models ADD COLUMN outputs TEXT NOT NULL DEFAULT '[]'",
  "ALTER TABLE datasets ADD COLUMN frames INTEGER",
  `
  CREATE TABLE arenas (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL,
    finished_at INTEGER, owner TEXT NOT NULL, plan TEXT NOT NULL, errors TEXT NOT NULL DEFAULT '{}',
    known TEXT NOT NULL DEFAULT '[]'
  );
  CREATE INDEX arenas_by_hash ON arenas(hash);
  CREATE TABLE arena_results (key TEXT PRIMARY KEY, created_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE arena_jobs (key TEXT NOT NULL, stage TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (key, stage)) WITHOUT ROWID;
  CREATE TABLE arena_shares (
    slug TEXT PRIMARY KEY, arena_id TEXT NOT NULL UNIQUE REFERENCES arenas(id) ON DELETE CASCADE, created_at INTEGER NOT NULL
  );
  `,
  `
  ALTER TABLE shares ADD COLUMN run_id TEXT;
  ALTER TABLE shares ADD COLUMN run_seq INTEGER;
  ALTER TABLE shares ADD COLUMN expires_at INTEGER;
  `,
  `
  CREATE TABLE parts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, revision INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, body TEXT NOT NULL
  );
  `,
  `
  ALTER TABLE frames ADD COLUMN hash TEXT;
  CREATE INDEX frames_by_hash ON frames(run_id, hash);
  `,
  `
  ALTER TABLE runs ADD COLUMN queue_rank INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN batch TEXT;
  ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX runs_by_batch ON runs(batch);
  `,
  "ALTER TABLE arena_shares ADD COLUMN expires_at INTEGER",
];
