/** A real server for tests, in a folder of its own, on a port of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { library } from "@distillery/nodes/library";
import { isFinal } from "@distillery/shared/protocol/events";
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { type Config, readConfig } from "../config";
import type { InstalledPack } from "../packs/install";
import { createServer, type DistilleryServer } from "../server";

export interface TestServer extends DistilleryServer {
  readonly home: string;
  readonly address: string;
  /** Ends the server and its folder. */
  remove(): Promise<void>;
}

export async function startTestServer(
  config: Partial<Config> = {},
  options: { home?: string; cancelGrace?: number; packs?: readonly InstalledPack[] } = {},
): Promise<TestServer> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), "distillery-"));
  const server = await createServer({
    config: { ...readConfig({ PORT: "0", DISTILLERY_HOME: home }), ...config },
    library,
    packs: options.packs ?? [],
    clientFolder: join(home, "no-client"),
    runs: { cancelGrace: options.cancelGrace ?? 5000 },
  });
  const address = await server.listen();
  return {
    ...server,
    home,
    address,
    async remove() {
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Resolves when `check` holds, looked at after every event of the run. */
export function until(server: DistilleryServer, runId: string, check: (run: RunRecord) => boolean): Promise<RunRecord> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const run = server.runs.get(runId);
      if (run === undefined) return;
      if (check(run)) finish(() => resolve(run));
      else if (isFinal(run.status))
        finish(() => reject(new Error(`the run is ${run.status} (${run.error?.message ?? "no error"})`)));
    };
    const stop = server.runs.log.listen({ appended: (id) => id === runId && look() });
    const finish = (settle: () => void) => {
      stop();
      settle();
    };
    look();
  });
}
