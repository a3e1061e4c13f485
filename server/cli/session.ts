/** The store and the run manager of one command: the same parts as the server's. */
import { library } from "@distillery/nodes/library";
import { resolveHome } from "../config";
import { WORKER_FILE } from "../paths";
import { RunManager } from "../runs/manager";
import { openStore, type Store } from "../store/store";

const FRAME_BUDGET = 256 * 2 ** 20;

export interface CliSession {
  readonly store: Store;
  readonly runs: RunManager;
}

export async function withStore<T>(work: (session: CliSession) => Promise<T>): Promise<T> {
  const store = openStore(resolveHome(process.env), FRAME_BUDGET);
  const runs = new RunManager({ store, library, workerFile: WORKER_FILE, origin: "cli" });
  try {
    return await work({ store, runs });
  } finally {
    await runs.close();
    store.close();
  }
}
