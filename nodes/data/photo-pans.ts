import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, Resources } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { z } from "zod";
import { drawClip } from "./clips/draw";
import { drawPath, type MotionRange, type Pose, writeFlow } from "./clips/motion";
import { clipParams, RADIANS } from "./clips/params";
import { indexedReader } from "./indexedReader";
import { checkAtlas, photoCrop, photoKinds, photoManifest, photos } from "./photoSet";

const params = z.object(clipParams);
type Params = z.output<typeof params>;

/** The photograph is so much larger than the frame; at least, for then there is room to move. */
const SCALE = [1.7, 2.2] as const;
/** Half the diagonal of a square over half its side: how far a turned frame reaches. */
const DIAGONAL = Math.SQRT2;

export const photoPans = defineNode({
  type: "data/photo-pans",
  version: 1,
  title: "Panning photographs",
  family: "data",
  help:
    "Clips of a camera that moves, turns and zooms over a photograph (views into panoramas, Poly Haven, CC0), with the exact optical flow. Every " +
    "photograph gives one clip; whole panoramas are held out of all training. Paths follow from the graph's seed.",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params,
  emit(_inputs, settings, context) {
    const { frames, size, speed, turn, zoom } = settings;
    return {
      dataset: {
        id: `photo-pans:${frames}x${size}:${speed}:${turn}:${zoom}`,
        title: context.title,
        sampleShape: [frames, 3, size, size],
        classes: [],
        contents: photoKinds,
        trainCount: photos.filter(({ isHeldOut }) => !isHeldOut).length,
        hasFlow: true,
        open: (resources: Resources, seed: number) => openPans(resources, seed, settings),
      },
    };
  },
});

/** The frame never leaves the photograph: at the smallest scale, and turned by 45 degrees, there is this much left beside it. */
function rangeOf({ size, speed, turn, zoom }: Params): MotionRange {
  const widest = turn === 0 ? 1 : DIAGONAL;
  const room = (SCALE[0] - widest) * (size / 2);
  return { reach: Math.max(room / DIAGONAL, 0), speed, turn: turn * RADIANS, scale: SCALE, zooms: zoom };
}

async function openPans(resources: Resources, seed: number, settings: Params): Promise<DatasetReader> {
  const { frames, size } = settings;
  const atlas = await resources.image(`data/panoramas/${photoManifest.atlas.file}`);
  checkAtlas(atlas);
  const range = rangeOf(settings);
  const pathOf = (item: number): Pose[] => drawPath(frames, range, randomStream(seed, "photo-pans", item));
  return {
    ...indexedReader(photos, (i, out, offset) => {
      const values = photoCrop(atlas, i, photoManifest.size);
      drawClip({ side: photoManifest.size, values, around: "border" }, pathOf(i), size, out, offset);
    }),
    readFlow: (item, out, offset) => writeFlow(pathOf(item), size, out, offset),
  };
}
