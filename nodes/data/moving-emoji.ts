import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, Resources } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { z } from "zod";
import { drawClip } from "./clips/draw";
import { drawPath, type MotionRange, type Pose, writeFlow } from "./clips/motion";
import { clipParams, RADIANS } from "./clips/params";
import { type ChosenStyle, chooseEmoji, contentIndexOf, emojiChoice, openAtlases } from "./emoji";
import type { EmojiAtlas } from "./emojiSet";
import { emojiContents } from "./emojiSet";
import { indexedReader } from "./indexedReader";

const params = z.object({
  styles: emojiChoice.styles,
  ...clipParams,
  motions: z.number().int().min(1).max(1000).default(4).meta({
    title: "Motions",
    description: "Clips of every emoji: each has a path of its own, the same in all styles.",
  }),
  groups: emojiChoice.groups,
  limit: emojiChoice.limit,
});
type Params = z.output<typeof params>;

export const movingEmoji = defineNode({
  type: "data/moving-emoji",
  version: 1,
  title: "Moving emoji",
  family: "data",
  help:
    "Clips of emoji that move, turn and grow on white. A clip exists in every chosen style with the very same motion, so a style transfer " +
    "of a video has a right answer, and the optical flow is known exactly. Paths follow from the graph's seed; 15 % of the emoji are held out.",
  formula: "frame f shows the picture at pose p₀ + f (p₁ − p₀) / (F − 1)",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params,
  emit(_inputs, settings, context) {
    const { ordered, contents, labels } = chooseEmoji(settings, context);
    const { frames, size, motions, speed, turn, zoom } = settings;
    return {
      dataset: {
        id: `moving-emoji:${settings.styles.join("+")}:${frames}x${size}:${motions}:${speed}:${turn}:${zoom}:${contents.join("+")}`,
        title: context.title,
        sampleShape: [frames, 3, size, size],
        ...labels,
        trainCount: labels.trainCount * motions,
        hasFlow: true,
        open: (resources: Resources, seed: number) => openClips(resources, seed, ordered, contents, settings),
      },
    };
  },
});

/** The glyph stays in view: its centre never leaves the middle of the frame. */
const rangeOf = ({ size, speed, turn, zoom }: Params): MotionRange => ({
  reach: 0.2 * size,
  speed,
  turn: turn * RADIANS,
  scale: [0.6, 0.9],
  zooms: zoom,
});

/** Item `content * motions + motion`; samples in the order emoji by emoji, motion by motion, style by style. */
async function openClips(
  resources: Resources,
  seed: number,
  chosen: readonly ChosenStyle[],
  contents: readonly number[],
  settings: Params,
): Promise<DatasetReader> {
  const { frames, size, motions } = settings;
  const atlases = await openAtlases(resources, chosen, 64);
  const range = rangeOf(settings);
  const pathOf = (item: number): Pose[] => drawPath(frames, range, randomStream(seed, "moving-emoji", item));
  const draw = (atlas: EmojiAtlas, item: number, out: Float32Array, offset: number) => {
    const values = atlas.cell(Math.floor(item / motions));
    drawClip({ side: atlas.size, values, around: "white" }, pathOf(item), size, out, offset);
  };
  const samples = contents.flatMap((content) =>
    Array.from({ length: motions }, (_, motion) =>
      atlases.map((atlas, classIndex) => ({
        atlas,
        classIndex,
        contentIndex: contentIndexOf(content),
        item: content * motions + motion,
        isHeldOut: emojiContents[content]?.heldOut === true,
      })),
    ).flat(),
  );
  return {
    ...indexedReader(samples, (i, out, offset) => {
      const { atlas, item } = samples[i] as (typeof samples)[number];
      draw(atlas, item, out, offset);
    }),
    readItem(item, classIndex, out, offset) {
      const atlas = atlases[classIndex];
      if (atlas === undefined)
        throw new RangeError(`There is no style number ${classIndex}; ${atlases.length} are chosen.`);
      draw(atlas, item, out, offset);
    },
    readFlow: (item, out, offset) => writeFlow(pathOf(item), size, out, offset),
  };
}
