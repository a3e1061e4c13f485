import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { PLAYGROUND_LIMITS, type PlaygroundInfo } from "@distillery/shared/protocol/playground";
import { library } from "../../packs/library";
import { PLAYGROUND_FILE } from "../../paths";
import { meantName } from "../../playground/names";
import { Playground, type StylizeOrder } from "../../playground/playground";
import { PlaygroundRefused } from "../../playground/refused";
import { type Command, UnusableInput, WorkFailed } from "../command";
import { withStore } from "../session";

const USAGE =
  "IMAGE --style S [--model RUN|bundled] [--nfe K] [--teacher] [--eta 0.75] [--guidance W] [--content C] [--seed N] [--mask MASK.png] [-o OUT.png] [--json]";
const BUNDLED = "bundled";

export const stylize: Command = {
  name: "stylize",
  usage: USAGE,
  summary: "Redraw a picture in a style with a run's student (or its teacher).",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        model: { type: "string", default: BUNDLED },
        style: { type: "string" },
        nfe: { type: "string" },
        teacher: { type: "boolean", default: false },
        eta: { type: "string" },
        guidance: { type: "string" },
        content: { type: "string" },
        seed: { type: "string" },
        mask: { type: "string" },
        out: { type: "string", short: "o", default: "stylized.png" },
        json: { type: "boolean", default: false },
      },
    });
    const [image, extra] = positionals;
    if (image === undefined) throw new UnusableInput(`Give a picture. Usage: distillery stylize ${USAGE}`);
    if (extra !== undefined) throw new UnusableInput(`One picture at a time; "${extra}" is too much.`);
    return withStore(async ({ store, runs }) => {
      const playground = new Playground({ store, runs, library, process: { file: PLAYGROUND_FILE } });
      try {
        const info = playground.info(values.model === BUNDLED ? undefined : values.model);
        const order = await readOrder(image, values, info);
        const result = await playground.order(order);
        const [network = "teacher"] = order.paths;
        const path = result[network];
        const last = path?.states.at(-1)?.image;
        if (path === null || last === undefined) throw new WorkFailed(`The ${network} gave no picture.`);
        const file = resolve(values.out);
        await writeResult(file, Buffer.from(last.slice(last.indexOf(",") + 1), "base64"));
        const { nfe, milliseconds } = path;
        const { run = null, style, eta, seed } = order;
        if (values.json)
          print(JSON.stringify({ type: "stylize", path: file, network, run, style, nfe, eta, seed, milliseconds }));
        else print(`${file} (${style}, ${network}, ${nfe} evaluations in ${milliseconds.toFixed(0)} ms)`);
        return 0;
      } catch (error) {
        if (!(error instanceof PlaygroundRefused)) throw error;
        if (error.kind === "failed" || error.kind === "busy") throw new WorkFailed(error.message);
        throw new UnusableInput(error.message);
      } finally {
        playground.close();
      }
    });
  },
};

interface Given {
  model: string;
  style?: string | undefined;
  nfe?: string | undefined;
  teacher: boolean;
  eta?: string | undefined;
  guidance?: string | undefined;
  content?: string | undefined;
  seed?: string | undefined;
  mask?: string | undefined;
}

/** What is not given is as the run samples. */
async function readOrder(image: string, given: Given, info: PlaygroundInfo): Promise<StylizeOrder> {
  const { defaults, styles, contents } = info;
  const network = given.teacher || !info.student ? "teacher" : "student";
  const limits = { student: PLAYGROUND_LIMITS.nfe, teacher: PLAYGROUND_LIMITS.teacherNfe };
  const nfe = whole("nfe", given.nfe, 1, limits[network]);
  const guidance = number("guidance", given.guidance, -1, PLAYGROUND_LIMITS.guidance);
  return {
    ...(info.run === null ? {} : { run: info.run }),
    picture: await readPicture(image, PLAYGROUND_LIMITS.pictureBytes),
    ...(given.mask === undefined ? {} : { mask: await readPicture(given.mask, PLAYGROUND_LIMITS.maskBytes) }),
    style: named("style", given.style, styles),
    content: given.content === undefined ? null : named("content", given.content, contents),
    eta: number("eta", given.eta, 0, 1) ?? defaults.eta,
    nfe: nfe ?? defaults.nfe,
    teacherNfe: nfe ?? defaults.teacherNfe,
    guidance: guidance ?? defaults.guidance,
    guidanceStudent: guidance ?? defaults.guidanceStudent,
    seed: whole("seed", given.seed, 0, 0xffffffff) ?? 0,
    paths: [network],
  };
}

function named(what: string, given: string | undefined, names: readonly string[]): string {
  const meant = given === undefined ? undefined : meantName(given, names);
  if (meant !== undefined) return meant;
  const missing = given === undefined ? `Give a ${what} with --${what}` : `There is no ${what} "${given}"`;
  throw new UnusableInput(
    names.length === 0 ? `${missing}; these networks are told none.` : `${missing}; there are ${names.join(", ")}.`,
  );
}

function number(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value >= low && value <= high))
    throw new UnusableInput(`--${name} needs a number from ${low} to ${high}, not "${text}".`);
  return value;
}

function whole(name: string, text: string | undefined, low: number, high: number): number | undefined {
  const value = number(name, text, low, high);
  if (value !== undefined && !Number.isInteger(value))
    throw new UnusableInput(`--${name} needs a whole number, not "${text}".`);
  return value;
}

async function readPicture(path: string, limit: number): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => error);
  if (bytes instanceof Error) {
    const reason = bytes.code === "ENOENT" ? "does not exist" : `cannot be read (${bytes.code})`;
    throw new UnusableInput(`${path} ${reason}.`);
  }
  if (bytes.length > limit) throw new UnusableInput(`${path} has ${bytes.length} bytes; at most ${limit} are taken.`);
  return bytes;
}

async function writeResult(path: string, png: Uint8Array): Promise<void> {
  await writeFile(path, png).catch((error: NodeJS.ErrnoException) => {
    throw new WorkFailed(`${path} cannot be written (${error.code}).`);
  });
}
