import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, Resources } from "@distillery/shared/graph/wires";
import { sizeOf } from "@distillery/shared/onnx/graph";
import { philox4x32 } from "@distillery/shared/random/philox";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { z } from "zod";
import { indexedReader, writeUnit } from "./indexedReader";

/** Resource path of a registered data set. */
export const datasetPath = (id: string): string => `dataset:${id}/images.safetensors`;

export const userImages = defineNode({
  type: "data/user-images",
  version: 1,
  title: "My images",
  family: "data",
  help: "A data set of your own images or clips, uploaded as a zip or a folder; each sub-folder is a class. A fixed part is held out of training.",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params: z.object({
    id: z
      .string()
      .max(200)
      .default("")
      .meta({ title: "Data set", description: "A registered data set.", widget: "dataset" }),
    heldOut: z.number().min(0).max(0.9).default(0.15).meta({
      title: "Held out",
      description: "Share of the images kept for evaluation, chosen by their number.",
      step: 0.05,
    }),
  }),
  emit(_inputs, { id, heldOut }, context) {
    if (id === "") context.fail("Choose a data set: upload one first, then pick it here.");
    const info =
      context.resources.dataset(id) ??
      context.fail(`There is no data set "${id}" here; upload it or pick another.`, undefined, "unknown-dataset");
    const { name, size, frames, classes, count } = info;
    const sampleShape = [...(frames === undefined ? [] : [frames]), 3, size, size];
    return {
      dataset: {
        id: `user-images:${id}:${heldOut}`,
        title: name,
        sampleShape,
        classes,
        trainCount: countTraining(count, heldOut),
        open: (resources: Resources) => openImages(resources, id, sampleShape, heldOut),
      },
    };
  },
});

/** A registered data set is one safetensors file: `images` uint8 [N, (frames,) 3, size, size] and, with classes, `classes` int32 [N]. */
async function openImages(
  resources: Resources,
  id: string,
  sampleShape: readonly number[],
  heldOut: number,
): Promise<DatasetReader> {
  const { images, classes } = decodeSafetensors(await resources.bytes(datasetPath(id))).tensors;
  const perImage = sizeOf(sampleShape);
  const pixels = images?.data;
  if (!(pixels instanceof Uint8Array) || images?.shape.slice(1).join() !== sampleShape.join()) {
    throw new Error(`Data set "${id}" does not hold 8-bit samples of ${sampleShape.join(" x ")}.`);
  }
  const labels = classes?.data;
  const samples = Array.from({ length: pixels.length / perImage }, (_, i) => ({
    classIndex: labels instanceof Int32Array ? (labels[i] as number) : -1,
    isHeldOut: fraction(i) < heldOut,
  }));
  return indexedReader(samples, (i, out, offset) => writeUnit(pixels, i * perImage, perImage, out, offset));
}

const countTraining = (count: number, heldOut: number): number =>
  Array.from({ length: count }, (_, i) => fraction(i)).filter((value) => value >= heldOut).length;

/** A number in [0, 1) that depends on nothing but `i`, so that the held-out images stay the same in every run. */
function fraction(i: number): number {
  const words = new Uint32Array(4);
  philox4x32([i, 0, 0, 0], [0x48656c64, 0x4f7574], words);
  return (words[0] as number) / 2 ** 32;
}
