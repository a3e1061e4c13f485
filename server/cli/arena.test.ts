import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arenaSchema } from "@distillery/shared/protocol/arena";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { smallStyleGraph } from "../testing/pictures";
import { distillery } from "./distillery";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-arena-command-"));
  vi.stubEnv("DISTILLERY_HOME", join(home, "store"));
  writeFileSync(join(home, "small.json"), JSON.stringify(smallStyleGraph()));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

async function arena(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { print: (line: string) => out.push(line), complain: (line: string) => err.push(line) };
  return { status: await distillery(["arena", ...args], terminal), out, err };
}

test("compares graph files, writes its report, and repeats nothing when it is called again", async () => {
  const out = join(home, "report");
  const what = ["--methods", join(home, "small.json"), "--seeds", "2", "--steps", "2", "--nfe", "2,1"];
  const how = ["--guidance", "none", "--eval-batch", "4", "--teacher-nfe", "3"];
  const first = await arena(...what, ...how, "--out", out, "--json");
  expect(first.status, first.err.join("\n")).toBe(0);
  const { files, ...whole } = JSON.parse(first.out.join(""));
  const { entries } = arenaSchema.parse(whole);
  expect(entries.map(({ method, seed, status }) => [method, seed, status])).toEqual([
    [null, 0, "done"],
    ["graph-1", 1, "done"],
    ["graph-1", 2, "done"],
  ]);
  for (const file of files as string[]) expect(readFileSync(file).length, file).toBeGreaterThan(100);
  const plot = (files as string[]).find((file) => file.endsWith(".png")) ?? "";
  expect(await sharp(plot).metadata()).toMatchObject({ format: "png" });

  const again = await arena(...what, ...how);
  expect(again.status).toBe(0);
  expect(again.err.filter((line) => /training|evaluating/.test(line))).toEqual([]);
  expect(again.out.join("\n")).toMatch(/^small +2 +2 /m);
}, 180_000);

test("refuses what it cannot compare, in one line", async () => {
  const refused = async (pattern: RegExp, ...args: string[]) =>
    expect(await arena(...args)).toMatchObject({ status: 2, out: [], err: [expect.stringMatching(pattern)] });
  await refused(/either --steps or --seconds/, "--steps", "3", "--seconds", "3");
  await refused(/nosuch/, "--methods", "nosuch");
  await refused(/--nfe needs numbers/, "--methods", "lcm", "--nfe", "x");
  await refused(/Name methods with --methods; "lcm"/, "lcm");
  await refused(/trains in 4 stages/, "--methods", "hyper-sd", "--steps", "2");
}, 60_000);
