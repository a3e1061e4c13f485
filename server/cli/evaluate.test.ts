import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scoreRowSchema } from "@distillery/shared/protocol/scores";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { tinyGraph } from "../testing/graphs";
import { smallStyleGraph } from "../testing/pictures";
import { distillery } from "./distillery";
import { runToEnd } from "./runReport";
import { withStore } from "./session";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-evaluate-"));
  vi.stubEnv("DISTILLERY_HOME", home);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const train = (graph: unknown) =>
  withStore((session) => runToEnd(session, { graph, overrides: { steps: 2 } }, "graph", () => undefined));

async function evaluate(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { print: (line: string) => out.push(line), complain: (line: string) => err.push(line) };
  return { status: await distillery(["evaluate", ...args], terminal), out, err };
}

test("scores a trained student beside its teacher, as JSON and as CSV", async () => {
  const { id } = await train(smallStyleGraph());
  const csv = join(home, "scores.csv");
  const options = ["--nfe", "2,1", "--guidance", "none", "--teacher-nfe", "3", "--batch", "4", "--csv", csv];
  const { status, out, err } = await evaluate(id, ...options, "--json");
  expect([status, err]).toEqual([0, []]);
  const rows = z.array(scoreRowSchema).parse(JSON.parse(out[0] ?? "").rows);
  expect(rows.map(({ title, nfe, guidanceScale }) => [title, nfe, guidanceScale])).toEqual([
    ["Teacher path, every node", 3, 1.5],
    ["Student", 2, null],
    ["Student", 1, null],
  ]);
  for (const { values } of rows)
    expect(values).toMatchObject({ psnr: { n: 4 }, ssim: { n: 4 }, ssimToSource: { n: 4 }, featureDistance: { n: 4 } });
  const lines = readFileSync(csv, "utf8").trim().split("\r\n");
  expect(lines.filter((line) => line.includes(",psnr,"))).toHaveLength(3 * 4);
}, 180_000);

test("refuses what it cannot score, in one line", async () => {
  const { id } = await train(tinyGraph());
  const points = await evaluate(id, "--guidance", "none");
  expect(points).toMatchObject({ status: 2, err: [expect.stringMatching(/pictures|nothing to compare/)] });
  expect(await evaluate(id, "--nfe", "0")).toMatchObject({
    status: 2,
    err: [expect.stringMatching(/--nfe needs whole/)],
  });
  expect(await evaluate("nosuch")).toMatchObject({ status: 2, err: [expect.stringMatching(/neither a run/)] });
}, 180_000);
