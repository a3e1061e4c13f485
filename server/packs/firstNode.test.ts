/** Follows `nodes/packs/README.md` to the letter: its files are written, its commands are run. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NODES_FOLDER, ROOT } from "../paths";

const PAGE = readFileSync(join(NODES_FOLDER, "packs", "README.md"), "utf8");
const PACK = "first-pack";
/** Code blocks, by what stands behind their opening fence. */
const blocks = [...PAGE.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind, file, text = ""]) => ({
  kind,
  file,
  text,
}));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distillery-first-node-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page's files make a pack, and its commands run a graph with it", async () => {
  mkdirSync(join(folder, PACK));
  const files = blocks.filter(({ file }) => file !== undefined);
  expect(files.map(({ file }) => file)).toEqual(["package.json", "index.js"]);
  for (const { file = "", text } of files) {
    writeFileSync(join(folder, PACK, file), text);
    expect(text, "the pack that comes with the product").toBe(
      readFileSync(join(NODES_FOLDER, "packs", PACK, file), "utf8"),
    );
  }
  const said: string[] = [];
  for (const { text } of blocks.filter(({ kind }) => kind === "sh")) {
    const command = text.replaceAll("npx distillery", `"${process.execPath}" "${join(ROOT, "server/dist/cli.js")}"`);
    const env = { ...process.env, DISTILLERY_HOME: join(folder, "home") };
    const { stdout } = await promisify(execFile)("sh", ["-ec", command], { cwd: folder, env });
    said.push(stdout);
  }
  expect(said[0]).toMatch(/first-pack\/loss\/log-cosh\s+Log-cosh distance/);
  expect(said[1]).toMatch(/5 steps in/);
}, 120_000);
