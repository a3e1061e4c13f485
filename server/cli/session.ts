/** The store and the run manager of one command: the same parts as the server's. */
import { frameBudgets, resolveHome } from "../config";
import { library } from "../packs/library";
import { WORKER_FILE } from "../paths";
import { RunManager } from "../runs/manager";
import { openStore, type Store } from "../store/store";

export interface CliSession {
  readonly store: Store;
  readonly runs: RunManager;
}

export async function withStore<T>(work: (session: CliSession) => Promise<T>): Promise<T> {
  const { frameBudget, allFrames } = frameBudgets(process.env);
  const store = openStore(resolveHome(process.env), frameBudget, allFrames);
  const runs = new RunManager({ store, library, workerFile: WORKER_FILE, origin: "cli" });
  try {
    return await work({ store, runs });
  } finally {
    await runs.close();
    store.close();
  }
}
