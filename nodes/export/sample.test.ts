/** What a run leaves is enough to sample with elsewhere: the example in a process of its own, against the app's sampler. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import type { Resources } from "@distillery/shared/graph/wires";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FinishedRun, runDocument } from "../testing/runs.test-helper";
import { sidecarSchema } from "./sidecar";

const SIZE = 32;
const NFE = 4;
/** Class and row of the pictures that are compared. */
const STYLE = 1;

it("is printed in the README as it is", () => {
  const [readme, example] = ["../../README.md", "example/sample.mjs"].map((path) =>
    readFileSync(new URL(path, import.meta.url), "utf8"),
  );
  expect(readme).toContain(`\`\`\`js\n${example}\`\`\`\n`);
});

/** A LoRA of a small U-Net on emoji, sampled with guidance, on this schedule. */
function document(type: string, settings: Params = {}): GraphDocument {
  const node = (id: string, type: string, params: GraphDocument["nodes"][number]["params"] = {}) => ({
    id,
    type,
    params,
    position: { x: 0, y: 0 },
  });
  const start = { targetClasses: ["Fluent flat"], tellContent: false };
  const wire = (from: string, to: string) => {
    const [[a = "", b = ""], [c = "", d = ""]] = [from.split("."), to.split(".")];
    return { from: { node: a, socket: b }, to: { node: c, socket: d } };
  };
  return {
    ...emptyDocument("example"),
    nodes: [
      node("data", "data/emoji", { styles: ["fluent-3d", "fluent-flat"], groups: ["animals-nature"] }),
      node("schedule", type, { predictionType: "v_prediction", ...settings }),
      node("start", "data/start", start),
      node("base", "student/unet", { width: 8, multipliers: [1, 2], patch: 4, groups: 4 }),
      node("student", "student/lora", { rank: 2 }),
      node("loss", "loss/denoising"),
      node("trainer", "train/trainer", { steps: 3, batch: 4, learningRate: 0.05 }),
      node("evaluation", "data/start", { ...start, split: "heldOut" }),
      node("path", "evaluate/sampler", { nfe: NFE, batch: 2, every: 0, guidance: "imagen", guidanceScale: 3 }),
      node("viewer", "inspect/trajectory-viewer"),
    ],
    edges: [
      ...["start", "evaluation", "base"].map((to) => wire("data.dataset", `${to}.dataset`)),
      ...["start", "evaluation"].map((to) => wire("schedule.schedule", `${to}.schedule`)),
      wire("base.weights", "student.weights"),
      ...["loss", "trainer", "path"].map((to) => wire("student.weights", `${to}.weights`)),
      wire("start.x", "loss.x"),
      wire("start.x0", "loss.x0"),
      wire("start.condition", "loss.condition"),
      wire("loss.loss", "trainer.loss"),
      wire("evaluation.x", "path.x"),
      wire("evaluation.condition", "path.condition"),
      wire("path.trajectory", "viewer.teacher"),
    ],
  };
}

const example = new URL("./example/sample.mjs", import.meta.url);
const resources: Partial<Resources> = {
  image: async (path) => {
    const file = new URL(`../${path.replace(/^(\.\/)?(data\/)?/, "data/")}`, import.meta.url);
    const { data, info } = await sharp(readFileSync(file))
      .flatten({ background: "#fff" })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};

/** Runs the graph and leaves its files in the folder. */
async function runInFolder(given: GraphDocument): Promise<FinishedRun> {
  const done = await runDocument(given, { resources });
  for (const name of ["student.onnx", "student.json"])
    writeFileSync(join(folder, name), done.artifacts.get(name) ?? "");
  return done;
}

let folder: string;
let run: FinishedRun;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "distillery-sample-"));
  run = await runInFolder(document("schedule/vp"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Largest differences of the example's picture from the app's last state and of that from the first, by row. */
function sampledOutside({ frames }: FinishedRun): { fromApp: number; moved: number }[] {
  const frame = (row: number, column: number) => frames.get(`viewer teacher ${row} ${column}`) as Float32Array;
  const script = `
      import { readFileSync } from "node:fs";
      import { InferenceSession } from "onnxruntime-node";
      import { sample } from ${JSON.stringify(example.href)};
      const session = await InferenceSession.create("student.onnx");
      const { student, x } = JSON.parse(readFileSync("given.json", "utf8"));
      const done = await sample(session, student, Float32Array.from(x), { class: ${STYLE} }, ${NFE});
      process.stdout.write(JSON.stringify([...done]));`;
  // Beside the example, so that the packages are found.
  const file = join(folder, "wrapper.mjs");
  writeFileSync(file, script.replace('"onnxruntime-node"', JSON.stringify(import.meta.resolve("onnxruntime-node"))));
  const student = JSON.parse(readFileSync(join(folder, "student.json"), "utf8"));
  const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));
  return [0, 1].map((row) => {
    writeFileSync(join(folder, "given.json"), JSON.stringify({ student, x: [...frame(row, 0)] }));
    const image: number[] = JSON.parse(node(file));
    expect(image).toHaveLength(3 * SIZE * SIZE);
    return { fromApp: farthest(image, frame(row, NFE)), moved: farthest(frame(row, NFE), frame(row, 0)) };
  });
}

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

describe("the files of a run", () => {
  it("say how to sample", () => {
    const student = sidecarSchema.parse(JSON.parse(readFileSync(join(folder, "student.json"), "utf8")));
    expect(student).toMatchObject({
      title: "LoRA",
      sample: { shape: [3, SIZE, SIZE], image: { range: [-1, 1] } },
      labels: { class: ["Fluent 3D", "Fluent flat"] },
      start: { eta: 0.75, timestep: 779 },
      sampler: { guidanceScale: 2 },
    });
    expect(student.labels.content?.length).toBe(65);
    expect(student.schedule.alphasCumprod).toHaveLength(1000);
    expect(student.schedule.alphasCumprod?.[779]).toBeCloseTo(0.21023894 ** 2, 6);
    // The graph's own four steps; published ones where it has none.
    expect(student.sampler.timesteps).toEqual({
      "4": [779, 579, 399, 199, 0],
      "6": [779, 639, 499, 379, 259, 139, 0],
      "8": [779, 639, 559, 459, 379, 279, 199, 99, 0],
    });
  });

  it("give the app's pictures in a bare process, from the same noise", () => {
    for (const { fromApp, moved } of sampledOutside(run)) {
      expect(fromApp).toBeLessThan(1e-4);
      expect(moved).toBeGreaterThan(0.1);
    }
  });

  it("restyle a picture from the command line", async () => {
    const picture = { width: 40, height: 40, channels: 4 as const, background: { r: 200, g: 30, b: 30, alpha: 0.5 } };
    await sharp({ create: picture }).png().toFile(join(folder, "photo.png"));
    const restyled = (...seed: string[]) => {
      node(example.pathname, "photo.png", "out.png", String(STYLE), String(NFE), ...seed);
      return readFileSync(join(folder, "out.png"));
    };
    const [first, again, other] = [restyled(), restyled("1"), restyled("2")];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(await sharp(join(folder, "out.png")).metadata()).toMatchObject({ width: SIZE, height: SIZE, channels: 3 });
  });

  it("give the app's pictures of a rectified flow, too", async () => {
    const flow = await runInFolder(document("schedule/rf", { shift: 1 }));
    const { schedule, start } = sidecarSchema.parse(JSON.parse(readFileSync(join(folder, "student.json"), "utf8")));
    expect([schedule.space, schedule.alphasCumprod, start.timestep]).toEqual(["rf", undefined, 780]);
    for (const { fromApp, moved } of sampledOutside(flow)) {
      expect(fromApp).toBeLessThan(1e-4);
      expect(moved).toBeGreaterThan(0.1);
    }
    node(example.pathname, "photo.png", "out.png", String(STYLE), String(NFE));
    expect(await sharp(join(folder, "out.png")).metadata()).toMatchObject({ width: SIZE, height: SIZE });
  }, 60_000);
});
