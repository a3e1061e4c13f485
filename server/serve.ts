/** Starts the server of this process and stops it when asked to. */

import type { Device } from "@distillery/shared/protocol/events";
import { pino } from "pino";
import { ConfigError, readConfig } from "./config";
import { probeDevices } from "./onnx/devices";
import { library, packs } from "./packs/library";
import { createServer } from "./server";
import { StorageError } from "./store/database";

/** Runs until SIGINT or SIGTERM. Resolves with the exit status. */
export async function serve(env: Readonly<Record<string, string | undefined>> = process.env): Promise<number> {
  const logger = pino({ level: env.LOG_LEVEL || "warn" }, pino.destination(2));
  let devices: Device[] = ["cpu"];
  try {
    const config = readConfig(env);
    const server = await createServer({ config, library, packs, logger, devices: () => devices });
    // One request that goes wrong must not end everybody's runs; it is logged and the server goes on.
    process.on("unhandledRejection", (error) => logger.error({ err: error }, "unhandled rejection"));
    const address = await server.listen();
    process.stdout.write(
      `Distillery is at ${address}${config.token === null ? "" : `/?token=${encodeURIComponent(config.token)}`}\n`,
    );
    for (const { name, problem } of packs)
      if (problem !== null) process.stderr.write(`The node pack "${name}" is skipped: ${problem}\n`);
    void probeDevices().then((found) => {
      devices = found.filter((entry) => entry.works).map((entry) => entry.device);
    });
    await new Promise<void>((resolve) => {
      process.once("SIGINT", () => resolve());
      process.once("SIGTERM", () => resolve());
    });
    await server.close();
    return 0;
  } catch (error) {
    const message = explain(error, env);
    if (message === undefined) throw error;
    process.stderr.write(`${message}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

function explain(error: unknown, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (error instanceof ConfigError || error instanceof StorageError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `Port ${env.PORT || 4600} is in use: stop the other program, or set PORT to another number.`;
  if (code === "EADDRNOTAVAIL" || code === "EACCES")
    return `Cannot listen on ${env.HOST || "127.0.0.1"}:${env.PORT || 4600} (${code}).`;
  return undefined;
}
