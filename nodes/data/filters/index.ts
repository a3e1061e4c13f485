/** Painting techniques by name. Each draws the same picture pixel for pixel in its place, so there is a right answer. */
import { chalk } from "./chalk";
import { comic } from "./comic";
import { neon } from "./neon";
import { oil } from "./oil";
import { pencil } from "./pencil";
import type { Filter } from "./picture";
import { pixelArt } from "./pixelArt";
import { pointillism } from "./pointillism";
import { ukiyoE } from "./ukiyoE";
import { watercolour } from "./watercolour";

export const FILTER_IDS = [
  "original",
  "oil",
  "pencil",
  "ukiyo-e",
  "neon",
  "watercolour",
  "pixel-art",
  "pointillism",
  "chalk",
  "comic",
] as const;
export type FilterId = (typeof FILTER_IDS)[number];

/** Techniques that training never sees unless they are chosen, for tests on unseen styles. */
export const UNSEEN: readonly FilterId[] = ["chalk", "comic"];

export const FILTERS: Readonly<Record<FilterId, { readonly title: string; readonly filter: Filter }>> = {
  original: { title: "Original", filter: (picture) => picture },
  oil: { title: "Oil", filter: oil },
  pencil: { title: "Pencil", filter: pencil },
  "ukiyo-e": { title: "Ukiyo-e", filter: ukiyoE },
  neon: { title: "Neon", filter: neon },
  watercolour: { title: "Watercolour", filter: watercolour },
  "pixel-art": { title: "Pixel art", filter: pixelArt },
  pointillism: { title: "Pointillism", filter: pointillism },
  chalk: { title: "Chalk", filter: chalk },
  comic: { title: "Comic", filter: comic },
};
