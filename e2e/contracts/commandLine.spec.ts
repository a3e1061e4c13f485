/** The headless contract: what programs read from `distillery`. */
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { z } from "zod";
import { expect, test } from "../fixtures";
import { distillery, jsonLines } from "../product/commandLine";
import { QUICK_STD_2D, withParams } from "../product/graphs";

const summarySchema = z.looseObject({
  type: z.literal("summary"),
  status: z.literal("done"),
  runId: z.string(),
  device: z.literal("cpu"),
  steps: z.number().int(),
  seconds: z.number().positive(),
  stepsPerSecond: z.number().positive(),
  metrics: z.looseObject({
    trajectoryErrorBefore: z.number().positive(),
    trajectoryErrorAfter: z.number().positive(),
    lossFirst: z.number().positive(),
    lossLast: z.number().positive(),
  }),
  artifacts: z.array(z.object({ name: z.string(), path: z.string(), bytes: z.number().int().positive() })),
  weightsSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const settings = Object.entries(QUICK_STD_2D).flatMap(([path, value]) => ["--set", `${path}=${value}`]);

test("run --json ends with the summary, writes its files, and gives the same weights twice", async ({ folder }) => {
  const out = join(folder, "out");
  const args = ["run", "std-2d", "--steps", "150", "--seed", "5", "--json", ...settings];
  const first = await distillery([...args, "--out", out], join(folder, "home"));
  expect(first.stderr).toBe("");
  expect(first.status).toBe(0);
  const lines = jsonLines(first.stdout);
  const summary = summarySchema.parse(lines.at(-1));
  const events = lines.slice(0, -1);
  expect(events.length).toBeGreaterThan(20);
  expect(events.every(({ type }) => type === "event")).toBe(true);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(summary.steps).toBe(150);

  const names = summary.artifacts.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["student.onnx", "checkpoint.safetensors"]));
  expect(names.some((name) => name.endsWith(".png"))).toBe(true);
  for (const { path, bytes } of summary.artifacts) {
    expect(path.startsWith(out)).toBe(true);
    expect((await stat(path)).size).toBe(bytes);
  }
  expect(JSON.parse(await readFile(join(out, "summary.json"), "utf8"))).toEqual(summary);
  const png = await readFile(join(out, names.find((name) => name.endsWith(".png")) ?? ""));
  expect(png.subarray(1, 4).toString()).toBe("PNG");

  const second = summarySchema.parse(jsonLines((await distillery(args, join(folder, "other"))).stdout).at(-1));
  expect(second.weightsSha256).toBe(summary.weightsSha256);
  expect(second.metrics).toEqual(summary.metrics);
  const seeded = await distillery([...args.slice(0, 4), "--seed", "6", ...args.slice(6)], join(folder, "other"));
  expect(summarySchema.parse(jsonLines(seeded.stdout).at(-1)).weightsSha256).not.toBe(summary.weightsSha256);
});

test("the same graph gives the same weights headless and through the server", async ({ api, folder }) => {
  const graph = withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 120 });
  const file = join(folder, "graph.json");
  await writeFile(file, JSON.stringify(graph));
  const out = join(folder, "out");
  const headless = await distillery(["run", file, "--json", "--out", out], join(folder, "home"));
  expect(headless.status).toBe(0);
  const { id } = await api.start(graph);
  await api.waitForStatus(id, "done");
  const served = decodeSafetensors(await api.artifact(id, "checkpoint.safetensors"));
  const written = decodeSafetensors(await readFile(join(out, "checkpoint.safetensors")));
  expect(served.tensors).toEqual(written.tensors);
  const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  expect(hash(await api.artifact(id, "student.onnx"))).toBe(hash(await readFile(join(out, "student.onnx"))));
});

test("exit status 2 for unusable input, with one line that names the place", async ({ api, folder }) => {
  const graph = await api.template("std-2d");
  const broken = join(folder, "broken.json");
  const edges = graph.edges.filter(({ to }) => !(to.node === "solver" && to.socket === "weights"));
  await writeFile(broken, JSON.stringify({ ...graph, edges }));
  const nonsense = join(folder, "nonsense.json");
  await writeFile(nonsense, "{");
  const cases: [string[], RegExp][] = [
    [["run", broken], /broken\.json.*solver\.weights/],
    [["validate", broken], /solver\.weights/],
    [["run", nonsense], /nonsense\.json is not valid JSON/],
    [["run", join(folder, "missing.json")], /missing\.json does not exist/],
    [["run", "std-2d", "--set", "nobody.width=3"], /nobody\.width/],
    [["run", "std-2d", "--set", "student.width=-3"], /student/],
    [["run", "std-2d", "--steps", "many"], /--steps/],
    [["run", "std-2d", "--device", "abacus"], /abacus/],
    [["dance"], /dance/],
  ];
  for (const [args, reason] of cases) {
    const { status, stdout, stderr } = await distillery(args, join(folder, "home"));
    expect(stderr, args.join(" ")).toMatch(reason);
    expect(status, args.join(" ")).toBe(2);
    expect(stderr.trim().split("\n"), args.join(" ")).toHaveLength(1);
    // Validation lists what it found; a run that does not begin has nothing to say.
    if (args[0] !== "validate") expect(stdout, args.join(" ")).toBe("");
  }
});

test("exit status 1 when the work fails, naming the node; the last line is still the summary", async ({ folder }) => {
  const wild = ["learningRate=10", "optimiser=sgd", "clipNorm=0", "warmup=0", "schedule=constant"];
  const args = ["run", "std-2d", "--json", ...wild.flatMap((each) => ["--set", `trainer.${each}`])];
  const { status, stdout, stderr } = await distillery(args, join(folder, "home"));
  expect(status).toBe(1);
  expect(stderr).toMatch(/node "[\w-]+": Step \d+:/);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "summary", status: "failed" });
});

test("validate, templates and nodes list what is there", async ({ folder }) => {
  const home = join(folder, "home");
  expect((await distillery(["validate", "std-2d"], home)).status).toBe(0);
  const templates = jsonLines((await distillery(["templates", "--json"], home)).stdout);
  expect(JSON.stringify(templates)).toContain("std-style-32");
  const nodes = jsonLines((await distillery(["nodes", "--json"], home)).stdout);
  expect(JSON.stringify(nodes)).toContain("bank/trajectory");
});
