/** What the card of the bundled features says of the same glyph in other styles, measured again. */
import { readFileSync } from "node:fs";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import sharp from "sharp";
import { expect, it } from "vitest";
import { emoji } from "../data/emoji";
import { itemRetrieval, toUnitRows } from "../evaluate/nearestNeighbours";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import measure from "./features/measure.json";
import { cards } from "./index";

const file = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url));
const resources: Resources = {
  ...noResources,
  async image(path) {
    const { data, info } = await sharp(file(path)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};
const card = cards.find(({ id }) => id === "features");
const BATCH = 112;
const SIZE = 3 * 32 * 32;

it("finds the same held-out glyph in another style as often as its card says", async () => {
  const styles = measure.nodes.find(({ id }) => id === "emoji")?.params.styles;
  const { dataset } = emit(emoji, contextOf(newStage(1)), {}, { styles }) as { dataset: DatasetValue };
  const reader = await dataset.open(resources, 0);
  const count = reader.count("heldOut");
  const session = await testRuntime.createSession(file("models/features/model.onnx"));
  const labels: { class: number; item: number }[] = [];
  const parts: Float32Array[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const rows = Math.min(BATCH, count - start);
    const data = new Float32Array(rows * SIZE);
    for (let row = 0; row < rows; row++) labels.push(reader.read("heldOut", start + row, data, row * SIZE));
    const images = { dtype: "float32" as const, shape: [rows, 3, 32, 32], data };
    const { embedding } = await session.run({ images }, ["embedding"]);
    if (embedding === undefined) throw new Error("no embedding");
    parts.push((await testRuntime.download(embedding)).data as Float32Array);
  }
  await session.dispose();
  const all = Float32Array.from(parts.flatMap((part) => [...part]));
  const width = all.length / count;
  const found = itemRetrieval(
    toUnitRows(all, width),
    width,
    labels.map((label) => label.class),
    labels.map(({ item }) => item),
  );
  expect(found).toBeCloseTo(Number(card?.numbers.sameGlyphRetrieval), 2);
}, 120_000);
