/**
 * Files that nodes may read: the node library's own data, and users' registered data sets and models.
 * Paths: `data/...` inside the node library, `dataset:<id>/<file>`, `model:<id>`, `run:<id>` (its newest checkpoint)
 * and `run:<id>/<artifact>`; and pictures that travel inside the graph as `data:` URLs. Nothing else can be reached.
 */
import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import type { Resources, UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import sharp from "sharp";
import { readBytes } from "./files";
import { opticalFlow } from "./flow/opencv";
import { NODES_FOLDER } from "./paths";

/** 64 megapixels: an atlas of all emoji at 64 px has 19. */
const MAX_PIXELS = 64e6;

/** Decoded pictures kept: more than the styles of all packs, some 10 MB each. */
const KEPT_PICTURES = 12;

type Decoded = Awaited<ReturnType<Resources["image"]>>;

export interface ResourceRegistry {
  readonly datasetFolder: string;
  readonly datasets: readonly UserDatasetInfo[];
  readonly models: readonly (UserModelInfo & { readonly file: string })[];
  /** Results of runs that the graph refers to, as `run:<id>` or `run:<id>/<artifact>`. */
  readonly results?: readonly { readonly path: string; readonly file: string }[];
}

export function createResources(registry: ResourceRegistry): Resources {
  const bytes = async (path: string): Promise<Uint8Array> =>
    path.startsWith("data:") ? inlined(path) : readBytes(await locate(path, registry));
  const decode = async (path: string): Promise<Decoded> => {
    // From a buffer: an SVG opened by its path could load other local files.
    const { data, info } = await sharp(await bytes(path), { limitInputPixels: MAX_PIXELS })
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${path} does not decode to RGB (${info.channels} channels).`);
    return { width: info.width, height: info.height, channels: 3, data };
  };
  const decoded = new Map<string, Promise<Decoded>>();
  return {
    bytes,
    opticalFlow,
    image(path) {
      const known = decoded.get(path) ?? decode(path);
      // The library's own pictures are opened by every stage of a run; nobody writes into them.
      if (path.startsWith("data/")) {
        decoded.delete(path);
        decoded.set(path, known);
        const [oldest] = decoded.keys();
        if (decoded.size > KEPT_PICTURES && oldest !== undefined) decoded.delete(oldest);
      }
      return known;
    },
    dataset: (id) => registry.datasets.find((dataset) => dataset.id === id),
    model: (id) => {
      const model = registry.models.find((entry) => entry.id === id);
      if (model === undefined) return undefined;
      const { file: _, ...info } = model;
      return info;
    },
  };
}

/** The bytes of `data:<type>;base64,<bytes>`. */
function inlined(url: string): Uint8Array {
  const [, base64] = /^data:[\w/+.-]+;base64,([A-Za-z0-9+/]+=*)$/.exec(url) ?? [];
  if (base64 === undefined) throw new Error(`"${url.slice(0, 40)}..." is no data: URL with base64 bytes.`);
  return new Uint8Array(Buffer.from(base64, "base64"));
}

async function locate(path: string, registry: ResourceRegistry): Promise<string> {
  const [scheme = "", rest = ""] = splitOnce(path, ":");
  if (rest !== "" && scheme === "model") {
    const model = registry.models.find((entry) => entry.id === rest);
    if (model === undefined) throw new Error(`There is no model "${rest}" here; upload it first.`);
    return model.file;
  }
  if (rest !== "" && scheme === "dataset") {
    const [id = "", file = ""] = splitOnce(rest, "/");
    if (!registry.datasets.some((dataset) => dataset.id === id))
      throw new Error(`There is no data set "${id}" here; upload it first.`);
    return inside(join(registry.datasetFolder, id), file);
  }
  if (rest !== "" && scheme === "run") {
    const result = registry.results?.find((entry) => entry.path === path);
    if (result === undefined) throw new Error(`There is nothing at "${path}": no such run, or it left no such file.`);
    return result.file;
  }
  return inside(join(NODES_FOLDER, "data"), path.replace(/^(\.\/)?data\//, ""));
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

/** A file below `folder`, following no way out of it (`..`, absolute paths, links). */
async function inside(folder: string, file: string): Promise<string> {
  const refuse = () => new Error(`"${file}" is outside of the data folder.`);
  if (file === "" || file.includes("\0") || file.includes("\\") || isAbsolute(file)) throw refuse();
  if (file.split("/").includes("..")) throw refuse();
  const base = await realpath(folder);
  const path = await realpath(join(base, file)).catch(() => {
    throw new Error(`"${file}" does not exist in the data folder.`);
  });
  const way = relative(base, path);
  if (way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) throw refuse();
  return path;
}
