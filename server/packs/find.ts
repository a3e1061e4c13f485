/** Where a pack is: a folder, or an npm package installed beside the server. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { PACK_NAME } from "@distillery/shared/packs/pack";
import { z } from "zod";
import { ROOT } from "../paths";

export interface FoundPack {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly folder: string;
  /** File that exports the nodes. */
  readonly entry: string;
}

const manifestSchema = z.looseObject({
  name: z.string().regex(PACK_NAME, "is no name of a package"),
  version: z.string().default("0.0.0"),
  description: z.string().default(""),
  main: z.string().optional(),
});
const ENTRIES = ["index.ts", "index.js", "index.mjs"];

/** @throws Error with one line for whoever starts the server. */
export function findPack(place: string, workingFolder: string): FoundPack {
  const folder = folderOf(place, workingFolder);
  const file = join(folder, "package.json");
  if (!existsSync(file)) throw new Error(`${folder} has no package.json.`);
  const manifest = manifestSchema.safeParse(readJson(file));
  if (!manifest.success) {
    const issue = manifest.error.issues[0];
    throw new Error(`${file}: "${issue?.path.join(".")}" ${issue?.message}.`);
  }
  const { name, version, description, main } = manifest.data;
  const entry = [...(main === undefined ? [] : [main]), ...ENTRIES]
    .map((each) => join(folder, each))
    .find((each) => existsSync(each) && statSync(each).isFile());
  if (entry === undefined) throw new Error(`${folder} has no index.js; name the file as "main" in its package.json.`);
  return { name, version, description, folder, entry };
}

function folderOf(place: string, workingFolder: string): string {
  if (place.startsWith(".") || isAbsolute(place)) {
    const folder = resolve(workingFolder, place);
    if (!existsSync(folder)) throw new Error(`the folder ${folder} does not exist.`);
    return folder;
  }
  for (const start of [workingFolder, ROOT])
    for (let at = start; ; at = dirname(at)) {
      const folder = join(at, "node_modules", place);
      if (existsSync(folder)) return folder;
      if (dirname(at) === at) break;
    }
  throw new Error(`the package is not installed; a folder is written with ./ in front.`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
