import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Resources } from "@distillery/shared/graph/wires";
import { z } from "zod";
import { indexedReader } from "./indexedReader";
import { checkAtlas, photoCrop, photoKinds, photoManifest, photos } from "./photoSet";

const heldOutPanoramas = photoManifest.panoramas.filter(({ heldOut }) => heldOut).length;

export const photosNode = defineNode({
  type: "data/photos",
  version: 1,
  title: "Photographs",
  family: "data",
  help:
    `${photos.length} photographs: views into ${photoManifest.panoramas.length} panoramas (Poly Haven, CC0) in seeded directions. ` +
    `${heldOutPanoramas} whole panoramas are held out of all training, so that nothing of a held-out place was ever seen.`,
  inputs: {},
  outputs: { dataset: wire.dataset },
  params: z.object({
    size: z
      .union([z.literal(32), z.literal(64)])
      .default(32)
      .meta({ title: "Size", description: "Width and height of a picture.", unit: "px" }),
  }),
  emit(_inputs, { size }, context) {
    return {
      dataset: {
        id: `photos:${size}`,
        title: context.title,
        sampleShape: [3, size, size],
        classes: [],
        contents: photoKinds,
        trainCount: photos.filter(({ isHeldOut }) => !isHeldOut).length,
        open: async (resources: Resources) => {
          const atlas = await resources.image(`data/panoramas/${photoManifest.atlas.file}`);
          checkAtlas(atlas);
          return indexedReader(photos, (i, out, offset) => out.set(photoCrop(atlas, i, size), offset));
        },
      },
    };
  },
});
