/** Settings of a server process, read once from the environment. */
import { isIP } from "node:net";
import { resolve } from "node:path";

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Folder of the database and the blobs. */
  readonly home: string;
  /** Required when the server can be reached from other machines. */
  readonly token: string | null;
  /** Further web origins that may use the API (a development server). */
  readonly origins: readonly string[];
  /** Further names under which this server may be addressed. */
  readonly hosts: readonly string[];
  /** Bytes of stored frames per run. */
  readonly frameBudget: number;
  /** Bytes of stored frames of all runs together. */
  readonly allFrames: number;
}

/** A setting that cannot work; the message is for whoever starts the server. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "localhost" || bare.endsWith(".localhost") || bare === "::1") return true;
  return isIP(bare) === 4 && bare.startsWith("127.");
}

const list = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

function readPort(text: string | undefined): number {
  if (text === undefined || text === "") return 4600;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new ConfigError(`PORT="${text}" is not a port (0..65535).`);
  return port;
}

/** Pictures of runs are kept up to DISTILLERY_FRAME_BUDGET_MB a run and DISTILLERY_FRAMES_TOTAL_MB in all. */
export function frameBudgets(
  env: Readonly<Record<string, string | undefined>>,
): Pick<Config, "frameBudget" | "allFrames"> {
  const megabytes = (name: string, usual: number): number => {
    const value = Number(env[name] || usual);
    if (!Number.isFinite(value) || value <= 0)
      throw new ConfigError(`${name}="${env[name]}" is not a number of megabytes above 0.`);
    return value * 2 ** 20;
  };
  return {
    frameBudget: megabytes("DISTILLERY_FRAME_BUDGET_MB", 256),
    allFrames: megabytes("DISTILLERY_FRAMES_TOTAL_MB", 4096),
  };
}

/** @throws ConfigError when a setting is unusable, e.g. an open address without a token. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const host = env.HOST || "127.0.0.1";
  const token = env.DISTILLERY_TOKEN || null;
  if (!isLoopback(host) && token === null) {
    throw new ConfigError(
      `HOST=${host} can be reached from other machines: set DISTILLERY_TOKEN to a secret first, e.g. DISTILLERY_TOKEN=$(openssl rand -hex 16).`,
    );
  }
  if (token !== null && token.length < 8)
    throw new ConfigError("DISTILLERY_TOKEN is too short: use at least 8 characters.");
  return {
    host,
    port: readPort(env.PORT),
    home: resolveHome(env),
    token,
    origins: list(env.DISTILLERY_ORIGINS),
    hosts: list(env.DISTILLERY_HOSTS),
    ...frameBudgets(env),
  };
}

export const resolveHome = (env: Readonly<Record<string, string | undefined>>): string =>
  resolve(env.DISTILLERY_HOME || ".distillery");
