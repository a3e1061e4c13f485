/** Everything that outlives a process, under one folder (DISTILLERY_HOME). */
import { join } from "node:path";
import { ArenaStore } from "./arenas";
import { BlobStore } from "./blobs";
import { Database } from "./database";
import { FrameStore } from "./frames";
import { GraphStore } from "./graphs";
import { PartStore } from "./parts";
import { Registry } from "./registry";
import { RunStore } from "./runs";
import { ShareStore } from "./shares";

export interface Store {
  readonly home: string;
  readonly graphs: GraphStore;
  readonly parts: PartStore;
  readonly runs: RunStore;
  readonly shares: ShareStore;
  readonly arenas: ArenaStore;
  readonly frames: FrameStore;
  readonly blobs: BlobStore;
  readonly registry: Registry;
  /** Prepared files of users' data sets: `datasets/<id>/`. */
  readonly datasetFolder: string;
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Budgets in bytes, of a run and of all runs. @throws StorageError when the folder cannot be written. */
export function openStore(home: string, frameBudget: number, allFrames?: number): Store {
  const db = new Database(join(home, "distillery.db"));
  return {
    home,
    graphs: new GraphStore(db),
    parts: new PartStore(db),
    runs: new RunStore(db),
    shares: new ShareStore(db),
    arenas: new ArenaStore(db),
    frames: new FrameStore(db, join(home, "frames"), frameBudget, allFrames),
    blobs: new BlobStore(join(home, "blobs")),
    registry: new Registry(db),
    datasetFolder: join(home, "datasets"),
    transaction: (work) => db.transaction(work),
    close: () => db.close(),
  };
}
