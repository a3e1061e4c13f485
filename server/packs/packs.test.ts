import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { library as ownNodes } from "@distillery/nodes/library";
import { noResources } from "@distillery/nodes/testing/stage";
import { validateDocument } from "@distillery/shared/compile/validate";
import { NodeLibrary } from "@distillery/shared/graph/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { templates } from "../graph/catalog";
import { NODES_FOLDER } from "../paths";
import { startTestServer } from "../testing/server";
import { BUILT_PACKS, builtPacks, installPacks } from "./install";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distillery-packs-"));
  cpSync(join(NODES_FOLDER, "packs", "first-pack"), join(folder, "first-pack"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const install = (places: string) =>
  installPacks({ DISTILLERY_PACKS: places, DISTILLERY_HOME: join(folder, "home") }, folder);

/** A pack of one file. */
function write(name: string, code: string, manifest: object = { name, version: "1.0.0" }): string {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, name, "index.js"), code);
  return `./${name}`;
}
const node = (type: string, rest = "") => `
  import { defineNode, wire } from "@distillery/shared/graph/node";
  import { z } from "zod";
  export const it = defineNode({
    type: "${type}", version: 1, title: "It", family: "inspect", help: "", inputs: { x: wire.metric }, outputs: {},
    params: z.object({}), ${rest}
  });`;

test("a pack's node takes its place in a graph, and children take the file that is built already", async () => {
  const packs = await install("./first-pack");
  expect(packs).toMatchObject([
    { name: "first-pack", version: "0.1.0", nodes: ["first-pack/loss/log-cosh"], problem: null },
  ]);
  const library = new NodeLibrary([...ownNodes.all(), ...packs.flatMap(({ definitions }) => definitions)], packs);
  expect(library.originOf("first-pack/loss/log-cosh")?.version).toBe("0.1.0");
  expect(library.originOf("loss/consistency")).toBeUndefined();

  const graph = templates.find(({ id }) => id === "std-2d")?.graph;
  const text = JSON.stringify(graph).replace("loss/consistency", "first-pack/loss/log-cosh");
  const errors = ({ issues }: { issues: readonly { severity: string }[] }) =>
    issues.filter(({ severity }) => severity === "error");
  expect(errors(validateDocument(JSON.parse(text), library, noResources))).toEqual([]);
  expect(errors(validateDocument(JSON.parse(text), ownNodes, noResources))).not.toEqual([]);

  const again = await installPacks({ [BUILT_PACKS]: builtPacks(packs) });
  expect(again).toMatchObject([{ name: "first-pack", file: packs[0]?.file, problem: null }]);
});

test("a broken pack says why and is skipped; the others are there", async () => {
  const cases: [place: string, problem: RegExp][] = [
    ["./nowhere", /folder .*nowhere does not exist/],
    ["not-installed", /not installed/],
    [write("no-node", "export const x = 1;"), /exports no node/],
    [write("thief", node("inspect/curve")), /must be "thief\/inspect\/"/],
    [write("borrower", node("first-pack/inspect/x")), /must be "borrower\/inspect\/"/],
    [write("bad-syntax", "export const = 1;"), /./],
    [write("throws", 'throw new Error("at once");'), /at once/],
    [write("reads-files", 'import "node:fs"; export {};'), /run in the browser, too/],
    [write("digs", 'import "@distillery/server/config"; export {};'), /packs can import .*graph\/node/],
    [
      write("no-default", node("no-default/inspect/x").replace("z.object({})", "z.object({ n: z.number() })")),
      /no default/,
    ],
    [write("nameless", "", { version: "1.0.0" }), /"name"/],
    [
      write("first-again", "", { name: "first-pack", version: "9.0.0", main: "../first-pack/index.js" }),
      /another pack/,
    ],
  ];
  const packs = await install(["./first-pack", ...cases.map(([place]) => place)].join(","));
  expect(packs.map(({ problem }) => problem === null)).toEqual([true, ...cases.map(() => false)]);
  for (const [i, [place, problem]] of cases.entries()) expect(packs[i + 1]?.problem, place).toMatch(problem);
}, 60_000);

test("the server describes its packs and gives out their code, nothing else of the folder", async () => {
  const packs = await install("./first-pack,./nowhere");
  const server = await startTestServer({}, { packs });
  try {
    const get = (url: string) => server.http.inject({ method: "GET", url });
    const listed = (await get("/api/packs")).json();
    expect(listed).toMatchObject([{ name: "first-pack" }, { name: "./nowhere", url: null }]);
    const code = await get(listed[0].url);
    expect(code.headers["content-type"]).toMatch(/^text\/javascript/);
    expect(code.body).toBe(readFileSync(packs[0]?.file ?? "", "utf8"));
    for (const url of ["/api/packs/other.mjs", "/api/packs/..%2fdistillery.db"])
      expect((await get(url)).statusCode, url).toBeGreaterThanOrEqual(400);
    expect((await get("/api/health")).json().packs).toEqual([
      { name: "first-pack", version: "0.1.0", problem: null },
      expect.objectContaining({ name: "./nowhere", problem: expect.stringContaining("does not exist") }),
    ]);
  } finally {
    await server.remove();
  }
});
