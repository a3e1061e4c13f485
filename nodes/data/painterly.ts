import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { formatShape, sizeOf } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { FILTER_IDS, FILTERS, type FilterId, UNSEEN } from "./filters";
import { paint } from "./filters/paint";
import { indexedReader } from "./indexedReader";

export const painterly = defineNode({
  type: "data/painterly",
  version: 1,
  title: "Painterly filters",
  family: "data",
  help:
    "Draws every picture of a data set in painting techniques; the technique becomes the class. All techniques keep every thing in " +
    `its place, so there is an exact right answer. ${UNSEEN.map((id) => FILTERS[id].title).join(" and ")} are off unless chosen: keep them for tests on styles no training has seen.`,
  inputs: { dataset: wire.dataset.describe("Pictures to paint; their own classes are dropped.") },
  outputs: { dataset: wire.dataset },
  params: z.object({
    filters: z
      .array(z.enum(FILTER_IDS))
      .min(1, "choose at least one technique")
      .default(FILTER_IDS.filter((id) => !UNSEEN.includes(id)))
      .meta({ title: "Techniques", description: "Classes of the data set, in this order.", widget: "multiselect" }),
  }),
  emit({ dataset }, { filters }, context) {
    const [channels, height, width, ...rest] = dataset.sampleShape;
    if (channels !== 3 || height === undefined || height !== width || rest.length > 0) {
      context.fail(
        `paints square RGB pictures [3, size, size]; "${dataset.title}" has samples ${formatShape(dataset.sampleShape)}.`,
        "dataset",
        "shape-mismatch",
      );
    }
    if (new Set(filters).size < filters.length) context.fail("A technique is chosen twice; each may be a class once.");
    const { sampleShape, contents, trainCount } = dataset;
    return {
      dataset: {
        id: `painterly:${filters.join("+")}:${dataset.id}`,
        title: context.title,
        sampleShape,
        classes: filters.map((id) => FILTERS[id].title),
        ...(contents === undefined ? {} : { contents }),
        ...(trainCount === undefined ? {} : { trainCount: trainCount * filters.length }),
        paired: true,
        open: (resources: Resources, seed: number) => openPainted(dataset, filters, resources, seed),
      },
    };
  },
});

/** Pictures of the base in training order, then the held-out ones; the number in that list is the item. */
async function openPainted(
  dataset: DatasetValue,
  filters: readonly FilterId[],
  resources: Resources,
  seed: number,
): Promise<DatasetReader> {
  const base = await dataset.open(resources, seed);
  const size = sizeOf(dataset.sampleShape);
  const pictures = (["train", "heldOut"] as const).flatMap((split) =>
    Array.from({ length: base.count(split) }, (_, index) => ({ split, index })),
  );
  const painted = new PaintedCache();
  const contents = new Map<number, number>();

  /** Picture `item` in technique number `classIndex`. */
  const write = (item: number, classIndex: number, out: Float32Array, offset: number): void => {
    const { split, index } = pictures[item] as (typeof pictures)[number];
    const filter = filters[classIndex] as FilterId;
    if (filter === "original") {
      base.read(split, index, out, offset);
      return;
    }
    const key = `${filter}/${item}`;
    const known = painted.get(key);
    if (known !== undefined) {
      for (let i = 0; i < size; i++) out[offset + i] = (known[i] as number) / 127.5 - 1;
      return;
    }
    base.read(split, index, out, offset);
    const bytes = paint(out.subarray(offset, offset + size), filter);
    painted.set(key, bytes);
    for (let i = 0; i < size; i++) out[offset + i] = (bytes[i] as number) / 127.5 - 1;
  };

  const samples = pictures.flatMap(({ split }, item) =>
    filters.map((_, classIndex) => ({ item, classIndex, isHeldOut: split === "heldOut" })),
  );
  const reader = indexedReader(samples, (i, out, offset) => {
    const { item, classIndex } = samples[i] as (typeof samples)[number];
    write(item, classIndex, out, offset);
  });
  return {
    ...reader,
    read(split, index, out, offset, classIndex) {
      const labels = reader.read(split, index, out, offset, classIndex);
      return { ...labels, content: contentOf(labels.item) };
    },
    readItem(item, classIndex, out, offset) {
      if (filters[classIndex] === undefined)
        throw new RangeError(`There is no technique number ${classIndex}; ${filters.length} are chosen.`);
      write(item, classIndex, out, offset);
    },
  };

  function contentOf(item: number): number {
    const known = contents.get(item);
    if (known !== undefined) return known;
    const { split, index } = pictures[item] as (typeof pictures)[number];
    const { content } = base.read(split, index, new Float32Array(size), 0);
    contents.set(item, content);
    return content;
  }
}

/** Painted pictures as bytes; the oldest go when there are too many. */
class PaintedCache {
  /** 3 KB each at 32 px, 12 KB at 64 px. */
  private static readonly CAPACITY = 20_000;
  private readonly pictures = new Map<string, Uint8Array>();

  get(key: string): Uint8Array | undefined {
    return this.pictures.get(key);
  }
  set(key: string, bytes: Uint8Array): void {
    this.pictures.set(key, bytes);
    const oldest = this.pictures.keys().next();
    if (this.pictures.size > PaintedCache.CAPACITY && !oldest.done) this.pictures.delete(oldest.value);
  }
}
