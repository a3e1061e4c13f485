/** Loads the packs of `DISTILLERY_PACKS`. One that is broken is told about and left out; the others and the server go on. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { type BuiltPack, HOST_MODULES } from "@distillery/shared/packs/hostModules";
import { nodesOfPack, type PackDescription } from "@distillery/shared/packs/pack";
import { z } from "zod";
import { resolveHome } from "../config";
import { bundlePack } from "./bundle";
import { findPack } from "./find";

type Environment = Readonly<Record<string, string | undefined>>;

export interface InstalledPack extends PackDescription {
  /** Built code; null where there is none. */
  readonly file: string | null;
  readonly definitions: readonly NodeDefinition[];
}

/** Processes that this one starts find the files that are built already here, as JSON. */
export const BUILT_PACKS = "DISTILLERY_BUILT_PACKS";
const builtSchema = z.array(
  z.object({ name: z.string(), version: z.string(), description: z.string(), file: z.string() }),
);

export async function installPacks(env: Environment, workingFolder = process.cwd()): Promise<InstalledPack[]> {
  if (env[BUILT_PACKS] !== undefined) return Promise.all(builtSchema.parse(JSON.parse(env[BUILT_PACKS])).map(load));
  const places = (env.DISTILLERY_PACKS ?? "")
    .split(",")
    .map((place) => place.trim())
    .filter((place) => place !== "");
  const packs: InstalledPack[] = [];
  for (const place of places) {
    const pack = await install(place, join(resolveHome(env), "packs"), workingFolder);
    const isTwice = pack.problem === null && packs.some(({ name, problem }) => name === pack.name && problem === null);
    packs.push(isTwice ? skipped(pack, "there is another pack of this name.") : pack);
  }
  return packs;
}

/** What to put into the environment of processes that shall know the same packs. */
export const builtPacks = (packs: readonly InstalledPack[]): string =>
  JSON.stringify(
    packs.flatMap(({ name, version, description, file, problem }) =>
      file === null || problem !== null ? [] : [{ name, version, description, file }],
    ),
  );

async function install(place: string, folder: string, workingFolder: string): Promise<InstalledPack> {
  let known = { name: place, version: "", description: "" };
  try {
    const { name, version, description, ...found } = findPack(place, workingFolder);
    known = { name, version, description };
    const code = await bundlePack({ ...known, ...found });
    const hash = createHash("sha256").update(code).digest("hex").slice(0, 16);
    const file = join(folder, `${name.replace(/[@/]/g, "-").replace(/^-/, "")}-${hash}.mjs`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, code);
    return await load({ ...known, file });
  } catch (error) {
    return skipped(known, messageOf(error));
  }
}

async function load({ file, ...known }: z.infer<typeof builtSchema>[number]): Promise<InstalledPack> {
  try {
    const built: { default: BuiltPack } = await import(/* @vite-ignore */ pathToFileURL(file).href);
    const definitions = nodesOfPack(known.name, built.default(HOST_MODULES));
    const url = `/api/packs/${file.split(/[\\/]/).at(-1)}`;
    return { ...known, nodes: definitions.map(({ type }) => type), url, problem: null, file, definitions };
  } catch (error) {
    return skipped(known, messageOf(error));
  }
}

const skipped = (known: Pick<PackDescription, "name" | "version" | "description">, problem: string): InstalledPack => ({
  name: known.name,
  version: known.version,
  description: known.description,
  nodes: [],
  url: null,
  problem,
  file: null,
  definitions: [],
});

/** The first line: the author sees the rest when building the pack alone. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
    .replace(/\u001b\[[0-9;]*m/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^Build failed|^\[plugin/.test(line))[0] ?? "it could not be loaded.";
