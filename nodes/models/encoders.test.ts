/** The numbers on the cards of the judge and the style descriptor, measured again on glyphs they never saw. */
import { existsSync, readFileSync } from "node:fs";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { executeRun } from "@distillery/shared/run/execute";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { templates } from "../templates/index";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { cards } from "./index";

const root = new URL("../", import.meta.url);
const resources: Resources = {
  ...noResources,
  async image(path) {
    const { data, info } = await sharp(readFileSync(new URL(path, root)))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};

const SIX = ["fluent-3d", "fluent-flat", "fluent-high-contrast", "twemoji", "noto-v1", "noto-mono"];
const EIGHT = [...SIX, "noto", "emojione"];
const SIZE = 3 * 32 * 32;

interface Glyphs {
  readonly images: Float32Array;
  readonly styles: readonly number[];
  readonly contents: readonly number[];
}

/** Every `nth` glyph of a split, in every one of `styles`. */
async function glyphs(styles: readonly string[], split: "train" | "heldOut", nth = 1): Promise<Glyphs> {
  const definition = library.get("data/emoji");
  if (definition === undefined) throw new Error("no data/emoji");
  const emitted = emit(definition, contextOf(newStage(1)), {}, { styles });
  const reader = await (emitted.dataset as DatasetValue).open(resources, 0);
  const picked = Array.from({ length: reader.count(split) }, (_, i) => i).filter(
    (i) => Math.floor(i / styles.length) % nth === 0,
  );
  const images = new Float32Array(picked.length * SIZE);
  const labels = picked.map((i, row) => reader.read(split, i, images, row * SIZE));
  return { images, styles: labels.map((label) => label.class), contents: labels.map(({ content }) => content) };
}

/** Rows of one output for all images. */
async function seenBy(model: Uint8Array, { images, styles }: Glyphs, output: string): Promise<Float32Array[]> {
  const session = await testRuntime.createSession(model);
  const rows: Float32Array[] = [];
  for (let from = 0; from < styles.length; from += 100) {
    const count = Math.min(100, styles.length - from);
    const data = images.slice(from * SIZE, (from + count) * SIZE);
    const feeds = { images: { dtype: "float32" as const, shape: [count, 3, 32, 32], data } };
    const value = (await session.run(feeds, [output]))[output];
    if (value === undefined) throw new Error(`no output ${output}`);
    const { data: all } = await testRuntime.download(value);
    if (!(all instanceof Float32Array)) throw new Error(`${output} is not float32`);
    const width = all.length / count;
    for (let i = 0; i < count; i++) rows.push(all.slice(i * width, (i + 1) * width));
  }
  await session.dispose();
  return rows;
}

/** Share of the rows whose label is among the `k` highest scores. */
const topShare = (scores: readonly Float32Array[], labels: readonly number[], k: number): number =>
  share(scores.map((row, i) => row.filter((score) => score > (row[labels[i] ?? -1] ?? 0)).length < k));

const share = (hits: readonly boolean[]) => round(hits.filter(Boolean).length / hits.length);
const round = (value: number) => Math.round(value * 1e4) / 1e4;

const unit = (row: ArrayLike<number>) => {
  const length = Math.hypot(...Array.from(row));
  return Array.from(row, (value) => value / length);
};
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Nearest mean direction, and the vote of the five nearest images, among every third training glyph. */
async function retrieval(model: Uint8Array, styles: readonly string[]) {
  const [references, asked] = await Promise.all([glyphs(styles, "train", 3), glyphs(styles, "heldOut")]);
  const known = (await seenBy(model, references, "embedding")).map(unit);
  const given = (await seenBy(model, asked, "embedding")).map(unit);
  const centres = styles.map((_, style) => {
    const own = known.filter((_, i) => references.styles[i] === style);
    return unit(
      own.reduce(
        (sum, row) => sum.map((value, k) => value + (row[k] ?? 0)),
        Array<number>(own[0]?.length ?? 0).fill(0),
      ),
    );
  });
  const best = (values: readonly number[]) => values.indexOf(Math.max(...values));
  const nearestFive = (row: readonly number[]) => {
    const votes = Array<number>(styles.length).fill(0);
    const order = known
      .map((other, i) => [dot(row, other), references.styles[i] ?? 0] as const)
      .sort(([a], [b]) => b - a);
    for (const [similarity, style] of order.slice(0, 5)) votes[style] = (votes[style] ?? 0) + 1 + 1e-3 * similarity;
    return best(votes);
  };
  return {
    nearestCentre: share(given.map((row, i) => best(centres.map((centre) => dot(row, centre))) === asked.styles[i])),
    fiveNearest: share(given.map((row, i) => nearestFive(row) === asked.styles[i])),
  };
}

async function judged(model: Uint8Array) {
  const heldOut = await glyphs(SIX, "heldOut");
  const [styles, contents] = [await seenBy(model, heldOut, "class"), await seenBy(model, heldOut, "content")];
  return {
    heldOutPictures: heldOut.styles.length,
    styleAccuracy: topShare(styles, heldOut.styles, 1),
    contentTop1: topShare(contents, heldOut.contents, 1),
    contentTop5: topShare(contents, heldOut.contents, 5),
  };
}

async function described(model: Uint8Array) {
  const [six, eight] = [await retrieval(model, SIX), await retrieval(model, EIGHT)];
  return {
    sixStylesNearestCentre: six.nearestCentre,
    sixStylesFiveNearest: six.fiveNearest,
    eightStylesNearestCentre: eight.nearestCentre,
    eightStylesFiveNearest: eight.fiveNearest,
  };
}

/** The network a template starts from, with its seed. */
async function untrained(template: string, fileName: string): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const document = templates.find(({ id }) => id === template)?.document;
  if (document === undefined) throw new Error(`no template ${template}`);
  const ignored = () => undefined;
  await executeRun(
    { runId: "test", document, steps: 0 },
    {
      library,
      resources,
      runtime: testRuntime,
      sink: {
        event: ignored,
        frame: ignored,
        checkpoint: ignored,
        artifact: (name, _, bytes) => files.set(name, bytes),
      },
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      now: () => performance.now(),
    },
  );
  const file = files.get(fileName);
  if (file === undefined) throw new Error(`no ${fileName}`);
  return file;
}

describe.each([
  ["judge", "train-judge", judged],
  ["style", "train-style-descriptor", described],
] as const)("bundled model %s", (id, template, measure) => {
  const card = cards.find((each) => each.id === id);
  const path = process.env.DISTILLERY_MEASURE ?? new URL(`${id}/model.onnx`, import.meta.url);

  it("has the numbers on its card, and knew less before training", async () => {
    expect(existsSync(path)).toBe(true);
    const [trained, before] = [
      await measure(readFileSync(path)),
      await measure(await untrained(template, `${id}.onnx`)),
    ];
    const measured: Record<string, number> = { ...trained };
    for (const [name, value] of Object.entries(before)) {
      if (name === "heldOutPictures") continue;
      measured[`${name}Untrained`] = value;
      expect(measured[name], name).toBeGreaterThan(value);
    }
    const written = Object.fromEntries(Object.keys(measured).map((name) => [name, card?.numbers[name]]));
    // A tie may fall to the other side on another processor.
    for (const [name, value] of Object.entries(measured)) {
      expect(Math.abs(value - Number(written[name])), `${name} is ${value}; ${JSON.stringify(measured)}`).toBeLessThan(
        0.005,
      );
    }
  }, 120_000);
});
