import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ROOT } from "../paths";
import { tinyGraph } from "../testing/graphs";
import { distillery as command } from "./distillery";

let home: string;
let graph: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-cli-"));
  graph = join(home, "graph.json");
  writeFileSync(graph, JSON.stringify(tinyGraph()));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** Runs the command as a shell would. */
function distillery(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, DISTILLERY_HOME: join(home, "store") };
    const child = spawn(process.execPath, [join(ROOT, "server", "dist", "cli.js"), ...args], { cwd: home, env });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    child.on("close", (status) => resolve({ status, out, err }));
  });
}
const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("run", () => {
  test("prints only JSON, numbered events and a summary last, and writes the results", async () => {
    const out = join(home, "out");
    const result = await distillery("run", graph, "--json", "--out", out);
    expect([result.status, result.err]).toEqual([0, ""]);
    const printed = lines(result.out);
    const summary = printed.pop();
    expect(printed.every(({ type }) => type === "event")).toBe(true);
    expect(printed.map(({ seq }) => seq)).toEqual(printed.map((_, index) => index + 1));
    expect(printed.at(-1)).toMatchObject({ event: "status", status: "done", runId: summary.runId });
    expect(summary).toMatchObject({
      type: "summary",
      status: "done",
      device: "cpu",
      steps: 40,
      metrics: {
        trajectoryErrorBefore: expect.any(Number),
        trajectoryErrorAfter: expect.any(Number),
        lossFirst: expect.any(Number),
        lossLast: expect.any(Number),
      },
      weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(summary.seconds).toBeGreaterThan(0);
    expect(summary.stepsPerSecond).toBeGreaterThan(0);
    for (const { path, bytes } of summary.artifacts) expect(readFileSync(path).length).toBe(bytes);
    for (const name of ["student.onnx", "checkpoint.safetensors", "summary.json", "graph.json"])
      expect(existsSync(join(out, name)), name).toBe(true);
    expect(JSON.parse(readFileSync(join(out, "summary.json"), "utf8"))).toEqual(summary);
    const sheet = await sharp(join(out, "trajectory-sheet.png")).metadata();
    expect(sheet.format).toBe("png");
    expect(sheet.width).toBeGreaterThan(100);
  });

  test("gives the same weights again, others with another seed", async () => {
    const hash = async (...args: string[]) =>
      lines((await distillery("run", graph, "--json", ...args)).out).pop().weightsSha256;
    const [first, again, other] = [await hash(), await hash(), await hash("--seed", "8")];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test("takes overrides", async () => {
    const result = await distillery(
      "run",
      graph,
      "--json",
      "--steps",
      "3",
      "--set",
      "student.width=8",
      "--set",
      "time.rule=x",
    );
    expect([result.status, result.out]).toEqual([2, ""]);
    expect(result.err).toMatch(/"time\.rule" names no parameter/);
    const good = await distillery(
      "run",
      graph,
      "--json",
      "--steps",
      "3",
      "--set",
      "student.width=8",
      "--set",
      "target.rule=zero",
    );
    expect(lines(good.out).pop()).toMatchObject({ status: "done", steps: 3 });
  });

  test("that diverges fails with status 1 and says where", async () => {
    const settings = {
      "loss.distance": "l2",
      "loss.weight": 50,
      "trainer.clipNorm": 0,
      "trainer.learningRate": 10,
      "trainer.optimiser": "sgd",
    };
    const sets = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const result = await distillery("run", graph, "--json", ...sets);
    expect(result.status).toBe(1);
    expect(lines(result.out).pop()).toMatchObject({ type: "summary", status: "failed" });
    expect(result.err.trim().split("\n")).toHaveLength(1);
    expect(result.err).toMatch(/Step \d+: loss became/);
  });
});

test("sample and export use what a run learned", async () => {
  const out = join(home, "trained");
  const { runId } = lines((await distillery("run", graph, "--json", "--out", out)).out).pop();
  const fromRun = lines(
    (await distillery("sample", runId, "--nfe", "2", "--json", "--out", join(home, "a.png"))).out,
  ).pop();
  expect(fromRun).toMatchObject({ type: "sample", nfe: 2, path: join(home, "a.png") });
  const fromFile = await distillery(
    "sample",
    join(out, "checkpoint.safetensors"),
    "--nfe",
    "2",
    "--out",
    join(home, "b.png"),
  );
  expect([fromFile.status, fromFile.err]).toEqual([0, ""]);
  expect(readFileSync(join(home, "b.png")).equals(readFileSync(join(home, "a.png")))).toBe(true);
  expect((await distillery("export", runId, "--format", "onnx", "--out", join(home, "s.onnx"))).status).toBe(0);
  expect(readFileSync(join(home, "s.onnx")).equals(readFileSync(join(out, "student.onnx")))).toBe(true);
  expect(
    (await distillery("export", runId, "--format", "safetensors", "--out", join(home, "s.safetensors"))).status,
  ).toBe(0);
  const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(join(home, "s.safetensors"))));
  const count = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
  expect(count).toBe(498);
});

describe("validate", () => {
  test("says yes, or what is wrong at which node", async () => {
    expect(await distillery("validate", graph)).toMatchObject({ status: 0, err: "" });
    const broken = join(home, "broken.json");
    const document = tinyGraph();
    writeFileSync(
      broken,
      JSON.stringify({
        ...document,
        edges: document.edges.filter(({ to }) => to.node !== "jump" || to.socket !== "s"),
      }),
    );
    const result = await distillery("validate", broken, "--json");
    expect(result.status).toBe(2);
    expect(lines(result.out)).toMatchObject([
      { valid: false, issues: [{ severity: "error", node: "jump", socket: "s" }] },
    ]);
    expect(result.err).toMatch(/jump\.s: /);
    expect(result.err.trim().split("\n")).toHaveLength(1);
  });
});

test.each([
  [["run", "nosuch.json"], /nosuch\.json does not exist/],
  [["run", "."], /is a folder/],
  [["run"], /Give a graph file/],
  [["run", "graph.json", "--steps", "many"], /whole number/],
  [["run", "graph.json", "--device", "tpu"], /cpu, webgpu or cuda/],
  [["run", "graph.json", "--set", "x"], /node\.param=value/],
  [["run", "graph.json", "--bogus"], /bogus/],
  [["run", "graph.json", "--from", "nosuch"], /no run nosuch/],
  [["sample", "nosuch", "--nfe", "2"], /neither a run here nor a checkpoint/],
  [["sample", "nosuch"], /--nfe/],
  [["export", "nosuch", "--format", "onnx"], /no run "nosuch"/],
  [["export", "nosuch", "--format", "pkl"], /onnx or safetensors/],
  [["templates", "nosuch"], /no template/],
  [["templates", "lcm", "--preset", "nosuch"], /no preset "nosuch"; it has lora, full-script, full-paper/],
  [["run", "graph.json", "--preset", "lora"], /only templates have presets/],
  [["run", "lcm", "--preset", "lora"], /codec: .*Choose its encoder/],
  [["frobnicate"], /no command "frobnicate"/],
])("%j cannot be used: status 2 and one line", async (args, message) => {
  const out: string[] = [];
  const err: string[] = [];
  vi.stubEnv("DISTILLERY_HOME", join(home, "store"));
  const terminal = { print: (line: string) => out.push(line), complain: (line: string) => err.push(line) };
  const status = await command(
    args.map((arg) => (arg === "graph.json" ? graph : arg)),
    terminal,
  );
  expect([status, out, err.length]).toEqual([2, [], 1]);
  expect(err[0]).toMatch(message);
});

test("lists templates with their presets, and prints one opened with one", async () => {
  const list = lines((await distillery("templates", "--json")).out);
  expect(list.find(({ id }) => id === "lcm").presets).toContainEqual(
    expect.objectContaining({ id: "lora", title: "LCM-LoRA, released script" }),
  );
  const [document] = lines((await distillery("templates", "lcm", "--preset", "lora", "--json")).out);
  expect(document.nodes).toContainEqual(expect.objectContaining({ type: "model/codec" }));
});

test("lists nodes and says what works here", async () => {
  const nodes = lines((await distillery("nodes", "--json")).out);
  expect(nodes.map(({ type }) => type)).toEqual(expect.arrayContaining(["train/trainer", "solver/ddim"]));
  const findings = lines((await distillery("doctor", "--json")).out);
  expect(findings.find(({ name }) => name === "cpu")).toMatchObject({ works: true });
  expect(findings.map(({ name }) => name)).toEqual(expect.arrayContaining(["webgpu", "cuda", "browser", "home"]));
}, 60_000);
