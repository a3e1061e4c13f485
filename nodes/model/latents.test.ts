/** A whole graph in latents: what is trained, drawn, measured and shown where states are no pictures. */
import { validateDocument } from "@distillery/shared/compile/validate";
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import { describe, expect, it } from "vitest";
import { CHANNELS, codecFiles, DOWN, denoiserFile } from "../testing/codecFiles.test-helper";
import { pictureLibrary } from "../testing/pictures";
import { infoOf, runDocument } from "../testing/runs.test-helper";
import { noResources } from "../testing/stage";

const BATCH = 2;
const SIZE = 12;
const models = { ...codecFiles(SIZE), unet: denoiserFile(SIZE) };
const codecParams = { encoder: "encoder", decoder: "decoder", downscale: DOWN, channels: CHANNELS, scalingFactor: 1 };

const nodes: readonly [id: string, type: string, params?: Params][] = [
  ["data", "data/pictures"],
  ["schedule", "schedule/vp"],
  ["codec", "model/codec", codecParams],
  ["start", "data/start"],
  ["teacher", "model/onnx", { model: "unet" }],
  ["student", "model/onnx", { model: "unet", trainable: true }],
  ["solver", "solver/ddim"],
  ["target", "time/target"],
  ["jump", "student/jump"],
  ["goal", "student/jump"],
  ["features", "model/eye"],
  ["disc", "loss/discriminator", { mode: "xs-xr" }],
  ["reward", "loss/reward", { enough: 5 }],
  ["heads", "train/trainer", { steps: 2, batch: BATCH }],
  ["trainer", "train/trainer", { steps: 2, batch: BATCH, learningRate: 0.01 }],
  ["seen", "inspect/image-grid", { rows: BATCH, every: 1 }],
  ["held-out", "data/start", { split: "heldOut" }],
  ["path", "evaluate/sampler", { nfe: 39, batch: BATCH, every: 0 }],
  ["few", "evaluate/sampler", { nfe: 3, batch: BATCH, every: 0 }],
  ["error", "evaluate/trajectory-error"],
  ["ssim", "evaluate/ssim"],
  ["viewer", "inspect/trajectory-viewer", { rows: 1 }],
];
const wires = `
  data.dataset > start.dataset, held-out.dataset
  schedule.schedule > start.schedule, held-out.schedule
  codec.codec > start.codec, held-out.codec, disc.codec, reward.codec, seen.codec, path.codec, few.codec
  start.x > solver.x, jump.x
  teacher.weights > solver.weights, goal.weights, path.weights
  student.weights > jump.weights, trainer.weights, few.weights
  solver.x > target.x, goal.x
  target.s > jump.s, goal.s
  jump.x > disc.fake, seen.states
  goal.x > seen.states
  start.x0 > disc.real, reward.reference
  jump.predX0 > reward.images
  features.weights > disc.weights, reward.weights
  disc.generatorLoss > trainer.loss
  reward.loss > trainer.loss
  disc.discriminatorLoss > heads.loss
  disc.weights > heads.weights
  held-out.x > path.x, few.x
  held-out.x0 > ssim.source
  path.trajectory > error.teacher, viewer.teacher
  few.trajectory > error.student, viewer.student, ssim.trajectory
`;
const end = (text: string) => {
  const [node = "", socket = ""] = text.trim().split(".");
  return { node, socket };
};
const edges = wires
  .trim()
  .split("\n")
  .flatMap((line) => {
    const [from = "", to = ""] = line.split(">");
    return to.split(",").map((each) => ({ from: end(from), to: end(each) }));
  });

/** The graph without the links to `unwired`, and with other parameters of the codec. */
const document = (unwired: readonly string[] = [], codec: Params = {}): GraphDocument => ({
  ...emptyDocument("latents"),
  nodes: nodes.map(([id, type, params = {}]) => ({
    id,
    type,
    params: id === "codec" ? { ...params, ...codec } : params,
    position: { x: 0, y: 0 },
  })),
  edges: edges.filter(({ to }) => !unwired.includes(`${to.node}.${to.socket}`)),
});

const infos = Object.entries(models).map(([id, bytes]) => infoOf(id, bytes));
const check = (given: GraphDocument) =>
  validateDocument(given, pictureLibrary, { ...noResources, model: (id) => infos.find((info) => info.id === id) });

describe("a graph in latents", () => {
  it("trains, samples, scores and shows pictures", async () => {
    expect(check(document()).issues).toEqual([]);
    const { summary, events, frames } = await runDocument(document(), { models, library: pictureLibrary });
    expect(summary).toMatchObject({ status: "done", steps: 2 });
    const metric = (node: string) =>
      events.flatMap((event) => (event.type === "metric" && event.node === node ? [event.value] : []));
    expect(metric("error")[0]).toBeGreaterThan(0);
    expect(metric("ssim")[0]).toBeGreaterThan(-1);
    // One noisy picture of 12 pixels, and a mosaic of two rows of two.
    expect(frames.get("viewer student 0 0")).toHaveLength(3 * SIZE * SIZE);
    expect(frames.get("seen images 0 0")!.length).toBeGreaterThanOrEqual(3 * 4 * SIZE * SIZE);
    const [teacher, student, difference] = ["teacher", "student", "difference"].map(
      (socket) => frames.get(`viewer ${socket} 0 3`)!,
    );
    expect(difference![20]).toBeCloseTo(student![20]! - teacher![20]!, 5);
  });

  it.each([
    ["disc.codec", { node: "disc", socket: "fake", code: "latent-without-codec" }],
    ["reward.codec", { node: "reward", socket: "images", code: "latent-without-codec" }],
  ])("is refused without the wire to %s, in one line", (wire, issue) => {
    const [found, ...others] = check(document([wire])).issues.filter(({ severity }) => severity === "error");
    expect(found).toMatchObject(issue);
    expect(found!.message).toContain("Wire the latent codec they were made with.");
    expect(others).toEqual([]);
  });

  it("is refused where the start has no codec: its states are no latents", () => {
    const { issues } = check(document(["held-out.codec"]));
    const [found] = issues.filter(({ node }) => node === "path");
    expect(found).toMatchObject({ code: "shape-mismatch" });
  });

  it("is refused where a codec of other channels is to decode", () => {
    const { issues } = check(document([], { channels: 4 }));
    expect(issues.map(({ code }) => code)).toContain("codec-mismatch");
  });
});
