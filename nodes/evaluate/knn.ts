import { defineNode, type HostIo, type HostTensors, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, DatasetValue, SampleLabels, Split } from "@distillery/shared/graph/wires";
import { formatShape, sizeOf } from "@distillery/shared/onnx/graph";
import { reduceMean } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { itemRetrieval, nearest, toUnitRows, vote } from "./nearestNeighbours";

const count = z.number().int().min(0).max(1_000_000);

export const knn = defineNode({
  type: "evaluate/knn",
  version: 1,
  title: "Nearest neighbours",
  family: "evaluate",
  help:
    "What an encoder's features tell without any training on them: every held-out picture takes the label that most of its nearest " +
    "training pictures have. Run before training it measures the untrained network, and again while it learns. Item: the nearest " +
    "held-out picture of another class shows the same thing.",
  formula: "label = argmax_l Σ_{j ∈ k nearest} exp(cos(e, e_j)/τ) [l_j = l]",
  source: "Wu et al. 2018 (weighted k-NN, τ = 0.07); Caron et al. 2021 (k = 20)",
  inputs: {
    weights: wire.weights.describe("An encoder."),
    dataset: wire.dataset.describe("Its training part is the bank, its held-out part asks."),
  },
  outputs: {
    class: wire.metric.describe("Share whose class (style) is told rightly."),
    content: wire.metric.describe("Share whose kind of content is told rightly."),
    group: wire.metric.describe("Share whose coarser kind is told rightly, where the data set has any."),
    item: wire.metric.describe(
      "Share of pictures whose nearest one in another class shows the same item, over all pairs of classes.",
    ),
  },
  params: z.object({
    features: z.enum(["embedding", "layer"]).default("embedding").meta({
      title: "Features",
      description: "The embedding, or the mean over the positions of a hooked layer.",
    }),
    layer: z.number().int().min(0).max(47).default(0).meta({
      title: "Layer",
      description: "Which of the hooked layers, counted from 0.",
    }),
    k: z.number().int().min(1).max(1000).default(20).meta({ title: "k", description: "Neighbours that vote." }),
    temperature: z.number().positive().max(100).default(0.07).meta({
      title: "Temperature",
      description: "Small: nearer neighbours weigh more.",
      step: 0.01,
    }),
    bank: count.default(0).meta({
      title: "Training pictures",
      description: "At most so many, drawn once; 0: all.",
    }),
    queries: count.default(0).meta({
      title: "Held-out pictures",
      description: "At most so many, drawn once; 0: all. The fewer, the easier it is to find the same item among them.",
    }),
    batch: z.number().int().min(1).max(4096).default(64).meta({ title: "Batch", description: "Pictures at once." }),
    every: z.number().int().min(0).default(500).meta({
      title: "Every",
      description: "Measure anew after that many steps; 0: only before and after training.",
      unit: "steps",
    }),
  }),
  survey: {
    every: ({ every }) => every,
    batch: ({ batch }) => batch,
    emit({ weights, dataset }, { features, layer }, context, input) {
      const extract = extractorOf(weights, context);
      const { sampleShape } = weights;
      if (sampleShape !== null && sampleShape.join() !== dataset.sampleShape.join()) {
        context.fail(
          `"${weights.title}" looks at images ${formatShape(sampleShape)}, "${dataset.title}" has ${formatShape(dataset.sampleShape)}.`,
          "dataset",
          "shape-mismatch",
        );
      }
      const { layers, embedding } = extract(input("images", "float32", [context.batch, ...dataset.sampleShape]));
      if (features === "embedding") return { features: embedding };
      const hooked = layers[layer];
      if (hooked !== undefined) return { features: reduceMean(hooked, { axes: [2], keepdims: false }) };
      return context.fail(
        `there is no layer ${layer}; "${weights.title}" hooks ${layers.length}, counted from 0.`,
        "weights",
      );
    },
  },
  async host(params, { inputs, resources, seed, batch }) {
    const dataset = inputs.dataset?.[0] as DatasetValue;
    const reader = await dataset.open(resources, seed);
    const choose = (split: Split, limit: number) => chosen(reader.count(split), limit, seed, split);
    const [bank, queries] = [choose("train", params.bank), choose("heldOut", params.queries)];
    if (bank.length === 0 || queries.length === 0)
      throw new Error(`"${dataset.title}" has no ${bank.length === 0 ? "training" : "held-out"} pictures to compare.`);
    return {
      async survey(run, io) {
        const look = (split: Split, indices: readonly number[]) =>
          embed(dataset, reader, { split, indices, batch }, run);
        report(dataset, await look("train", bank), await look("heldOut", queries), params, io);
      },
    };
  },
});

interface Embedded {
  readonly rows: Float32Array;
  readonly width: number;
  readonly labels: readonly SampleLabels[];
}

/** `limit` of 0..total-1 without repetition, in order; the same ones every time. */
function chosen(total: number, limit: number, seed: number, stream: string): number[] {
  const all = Array.from({ length: total }, (_, i) => i);
  if (limit === 0 || limit >= total) return all;
  const random = randomStream(seed, `knn.${stream}`, 0);
  for (let i = 0; i < limit; i++) {
    const other = i + random.integer(total - i);
    [all[i], all[other]] = [all[other] as number, all[i] as number];
  }
  return all.slice(0, limit).sort((a, b) => a - b);
}

/** Features of some samples, batch by batch; the last batch is filled up with what was left in it. */
async function embed(
  { sampleShape }: DatasetValue,
  reader: DatasetReader,
  { split, indices, batch }: { split: Split; indices: readonly number[]; batch: number },
  run: (feeds: HostTensors) => Promise<HostTensors>,
): Promise<Embedded> {
  const size = sizeOf(sampleShape);
  const images = new Float32Array(batch * size);
  const labels: SampleLabels[] = [];
  let rows = new Float32Array(0);
  let width = 0;
  for (let start = 0; start < indices.length; start += batch) {
    const part = indices.slice(start, start + batch);
    for (const [row, index] of part.entries()) labels.push(reader.read(split, index, images, row * size));
    const { features } = await run({ images: { dtype: "float32", shape: [batch, ...sampleShape], data: images } });
    if (!(features?.data instanceof Float32Array)) throw new Error("The encoder gave no features.");
    if (width === 0) {
      width = features.data.length / batch;
      rows = new Float32Array(indices.length * width);
    }
    rows.set(features.data.subarray(0, part.length * width), start * width);
  }
  return { rows: toUnitRows(rows, width), width, labels };
}

interface Settings {
  readonly k: number;
  readonly temperature: number;
}

function report(dataset: DatasetValue, bank: Embedded, queries: Embedded, { k, temperature }: Settings, io: HostIo) {
  const { width } = bank;
  const neighbours = queries.labels.map((_, i) => nearest(queries.rows, i, bank.rows, width, k));
  const accuracy = (name: string, labelOf: (labels: SampleLabels) => number) => {
    const known = bank.labels.map(labelOf);
    const asked = queries.labels.map(labelOf);
    const counted = asked.filter((label) => label >= 0).length;
    const hits = asked.filter((label, i) => label >= 0 && vote(neighbours[i] ?? [], known, temperature) === label);
    if (counted > 0) io.metric(name, hits.length / counted);
  };
  accuracy("class", (labels) => labels.class);
  accuracy("content", (labels) => labels.content);
  const { groups } = dataset;
  if (groups !== undefined) accuracy("group", ({ content }) => groups.ofContent[content] ?? -1);
  if (!dataset.paired) return;
  const found = itemRetrieval(
    queries.rows,
    width,
    queries.labels.map((labels) => labels.class),
    queries.labels.map(({ item }) => item),
  );
  if (found !== null) io.metric("item", found);
}
