/** Puts the parts of a server together. */
import { rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Device } from "@distillery/shared/protocol/events";
import type { FastifyBaseLogger } from "fastify";
import { Arenas } from "./arena/arenas";
import type { Config } from "./config";
import { createHttp } from "./http/app";
import type { App } from "./http/context";
import { createLive, type Live } from "./live/server";
import type { InstalledPack } from "./packs/install";
import { CLIENT_FOLDER, PLAYGROUND_FILE, WORKER_FILE } from "./paths";
import { Playground } from "./playground/playground";
import type { ProcessOptions } from "./playground/process";
import { type ManagerOptions, RunManager } from "./runs/manager";
import { openStore, type Store } from "./store/store";

export interface ServerOptions {
  readonly config: Config;
  readonly library: NodeLibrary;
  /** Node packs whose nodes are in the library. */
  readonly packs?: readonly InstalledPack[];
  readonly logger?: FastifyBaseLogger;
  readonly workerFile?: string;
  readonly clientFolder?: string;
  readonly runs?: Pick<ManagerOptions, "cancelGrace" | "silenceLimit">;
  readonly playground?: Partial<ProcessOptions>;
  /** Asked for at every health request; probing may still be going on. */
  readonly devices?: () => readonly Device[];
}

export interface DistilleryServer {
  readonly http: App;
  readonly live: Live;
  readonly runs: RunManager;
  readonly playground: Playground;
  readonly arenas: Arenas;
  readonly store: Store;
  /** Listens and returns the address. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export async function createServer(options: ServerOptions): Promise<DistilleryServer> {
  const { config, library } = options;
  const store = openStore(config.home, config.frameBudget, config.allFrames);
  const runs = new RunManager({
    store,
    library,
    workerFile: options.workerFile ?? WORKER_FILE,
    origin: "server",
    ...options.runs,
  });
  const playground = new Playground({
    store,
    runs,
    library,
    process: { file: PLAYGROUND_FILE, ...options.playground },
  });
  const arenas = new Arenas(store, runs, "server");
  const http = await createHttp(
    {
      store,
      runs,
      library,
      playground,
      arenas,
      packs: options.packs ?? [],
      devices: options.devices ?? (() => ["cpu"]),
    },
    {
      access: config,
      clientFolder: options.clientFolder ?? CLIENT_FOLDER,
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    },
  );
  const live = createLive(http.server, runs, config);
  return {
    http,
    live,
    runs,
    playground,
    arenas,
    store,
    async listen() {
      await http.listen({ host: config.host, port: config.port });
      runs.recover();
      arenas.recover();
      return addressOf(http.server.address(), config.host);
    },
    async close() {
      arenas.close();
      playground.close();
      await runs.close();
      await live.close();
      await http.close();
      store.close();
      await rm(join(config.home, "tmp"), { recursive: true, force: true });
    },
  };
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
