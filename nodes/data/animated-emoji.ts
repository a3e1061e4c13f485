import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, Resources } from "@distillery/shared/graph/wires";
import { z } from "zod";
import { animatedContents, animatedManifest, checkAtlas, writeFrame } from "./clips/animatedSet";
import { contentIndexOf, stillLabels } from "./emoji";
import { emojiContents } from "./emojiSet";
import { indexedReader } from "./indexedReader";

const { frames: STORED, size: SIZE } = animatedManifest;
/** The style all of them are drawn in. */
const STYLE = "fluent-3d";

export const animatedEmoji = defineNode({
  type: "data/animated-emoji",
  version: 1,
  title: "Animated emoji",
  family: "data",
  help:
    `${animatedContents.length} animated emoji, ${STORED} frames each: drawings that move by themselves, not only as a whole. All are in one style of ` +
    "Emoji styles and carry its classes and kinds of content, so networks trained on those take them; what is held out there is held out here.",
  source: "Fluent Emoji animated, Microsoft (MIT), packaged by LobeHub",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params: z.object({
    frames: z
      .number()
      .int()
      .min(2)
      .max(STORED)
      .default(8)
      .meta({ title: "Frames", description: `Frames of a clip, F, out of the ${STORED} of an animation.` }),
    interval: z.number().int().min(1).max(8).default(1).meta({
      title: "Interval",
      description: "From one frame of a clip to the next, in frames of the animation; larger moves faster.",
    }),
  }),
  emit(_inputs, { frames, interval }, context) {
    const windows = windowsOf(frames, interval);
    const training = animatedContents.filter((content) => emojiContents[content]?.heldOut === false).length;
    const { classes, contents, groups } = stillLabels();
    return {
      dataset: {
        id: `animated-emoji:${frames}:${interval}`,
        title: context.title,
        sampleShape: [frames, 3, SIZE, SIZE],
        classes,
        contents,
        groups,
        trainCount: training * windows,
        open: (resources: Resources) => openAnimated(resources, frames, interval),
      },
    };
  },
});

/** Clips that one animation gives without sharing a frame; animations go round, so there is always one. */
const windowsOf = (frames: number, interval: number): number => Math.max(1, Math.floor(STORED / (frames * interval)));

async function openAnimated(resources: Resources, frames: number, interval: number): Promise<DatasetReader> {
  const atlas = await resources.image(`data/animated/${animatedManifest.atlas.file}`);
  checkAtlas(atlas);
  const classIndex = stillLabels().styles.indexOf(STYLE);
  const samples = animatedContents.flatMap((content, row) =>
    Array.from({ length: windowsOf(frames, interval) }, (_, window) => ({
      row,
      first: window * frames * interval,
      classIndex,
      contentIndex: contentIndexOf(content),
      isHeldOut: emojiContents[content]?.heldOut === true,
    })),
  );
  const plane = 3 * SIZE * SIZE;
  return indexedReader(samples, (i, out, offset) => {
    const { row, first } = samples[i] as (typeof samples)[number];
    for (let f = 0; f < frames; f++) writeFrame(atlas, row, first + f * interval, out, offset + f * plane);
  });
}
