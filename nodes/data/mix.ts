import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, DatasetValue, Resources, SampleLabels, Split } from "@distillery/shared/graph/wires";
import { formatShape } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { readVariant } from "./variant";

export const mixNode = defineNode({
  type: "data/mix",
  version: 1,
  title: "Mix",
  family: "data",
  help:
    "Several data sets of one sample shape as one. Classes and kinds of content of the same name are the same; a data set without " +
    "classes becomes one class named after it. Each keeps its own held-out part.",
  inputs: { datasets: wire.dataset.many().describe("Data sets whose samples have the same shape.") },
  outputs: { dataset: wire.dataset },
  params: z.object({
    share: z.enum(["proportional", "equal"]).default("proportional").meta({
      title: "Share in training",
      description: "proportional: every sample counts alike; equal: every data set does, so small ones repeat.",
    }),
  }),
  emit({ datasets }, { share }, context) {
    const [first, ...others] = datasets;
    if (first === undefined) return context.fail("There is nothing to mix: wire data sets here.", "datasets");
    const odd = others.find(({ sampleShape }) => sampleShape.join() !== first.sampleShape.join());
    if (odd !== undefined) {
      context.fail(
        `"${first.title}" has samples ${formatShape(first.sampleShape)}, "${odd.title}" ${formatShape(odd.sampleShape)}; only one shape can be mixed.`,
        "datasets",
        "shape-mismatch",
      );
    }
    const classes = union(datasets.map(classesOf));
    const contents = union(datasets.map((dataset) => dataset.contents ?? []));
    const trainCount = trainCountOf(datasets, share);
    return {
      dataset: {
        id: `mix:${share}:${datasets.map(({ id }) => `(${id})`).join("")}`,
        title: context.title,
        sampleShape: first.sampleShape,
        classes,
        ...(contents.length === 0 ? {} : { contents }),
        ...(trainCount === undefined ? {} : { trainCount }),
        open: async (resources: Resources, seed: number) => {
          const readers = await Promise.all(datasets.map((dataset) => dataset.open(resources, seed)));
          return mixed(datasets, readers, { classes, contents }, share);
        },
      },
    };
  },
});

type Share = "proportional" | "equal";

const classesOf = ({ classes, title }: DatasetValue): readonly string[] => (classes.length === 0 ? [title] : classes);

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())];

function trainCountOf(datasets: readonly DatasetValue[], share: Share): number | undefined {
  const counts = datasets.map(({ trainCount }) => trainCount ?? Number.NaN);
  const total = share === "equal" ? Math.max(...counts) * counts.length : counts.reduce((sum, count) => sum + count, 0);
  return Number.isNaN(total) ? undefined : total;
}

/** One after the other, or in turn (`equal`, training only: nothing is shown twice in an evaluation). */
function mixed(
  datasets: readonly DatasetValue[],
  readers: readonly DatasetReader[],
  names: { readonly classes: readonly string[]; readonly contents: readonly string[] },
  share: Share,
): DatasetReader {
  const sources = readers.map((reader, i) => {
    const dataset = datasets[i] as DatasetValue;
    return {
      reader,
      dataset,
      hasClasses: dataset.classes.length > 0,
      classes: classesOf(dataset).map((name) => names.classes.indexOf(name)),
      contents: (dataset.contents ?? []).map((name) => names.contents.indexOf(name)),
      /** Items of different sources are different things. */
      firstItem: readers.slice(0, i).reduce((sum, earlier) => sum + earlier.count("all"), 0),
    };
  });
  type Source = (typeof sources)[number];

  /** The source's own index of a class of the mixture; null: it has none of it. Undefined asks for all classes. */
  const ownClass = ({ hasClasses, classes }: Source, classIndex: number | undefined): number | undefined | null => {
    if (classIndex === undefined) return undefined;
    const own = classes.indexOf(classIndex);
    if (own < 0) return null;
    return hasClasses ? own : undefined;
  };
  const countOf = (source: Source, split: Split, classIndex?: number): number => {
    const own = ownClass(source, classIndex);
    return own === null ? 0 : source.reader.count(split, own);
  };
  const counts = (split: Split, classIndex?: number) => sources.map((source) => countOf(source, split, classIndex));
  const inTurn = (split: Split) => share === "equal" && split === "train";

  const locate = (split: Split, index: number, classIndex?: number): [Source, number] | undefined => {
    const sizes = counts(split, classIndex);
    if (inTurn(split)) {
      const holders = sources.flatMap((source, i) =>
        (sizes[i] as number) > 0 ? [{ source, size: sizes[i] as number }] : [],
      );
      const { source, size } = holders[index % holders.length] ?? {};
      const turn = Math.floor(index / holders.length);
      return source === undefined || size === undefined || turn >= Math.max(...sizes)
        ? undefined
        : [source, turn % size];
    }
    let rest = index;
    for (const [i, source] of sources.entries()) {
      const size = sizes[i] as number;
      if (rest < size) return [source, rest];
      rest -= size;
    }
    return undefined;
  };

  return {
    readVariant(split, index, choose, out, offset) {
      const [source, own] = locate(split, index) ?? [];
      if (source === undefined || own === undefined) return false;
      return readVariant(source.dataset, source.reader, split, own, choose, out, offset);
    },
    count(split, classIndex) {
      const sizes = counts(split, classIndex);
      if (inTurn(split)) return Math.max(...sizes) * sizes.filter((size) => size > 0).length;
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    read(split, index, out, offset, classIndex): SampleLabels {
      const found = index < 0 ? undefined : locate(split, index, classIndex);
      if (found === undefined)
        throw new RangeError(`Sample ${index} of split "${split}" does not exist in the mixture.`);
      const [source, own] = found;
      const labels = source.reader.read(split, own, out, offset, ownClass(source, classIndex) ?? undefined);
      return {
        class: source.classes[Math.max(labels.class, 0)] as number,
        content: source.contents[labels.content] ?? -1,
        item: source.firstItem + labels.item,
      };
    },
  };
}
