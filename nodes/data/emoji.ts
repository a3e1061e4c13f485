import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, Resources } from "@distillery/shared/graph/wires";
import { z } from "zod";
import {
  EmojiAtlas,
  type EmojiContent,
  type EmojiManifest,
  type EmojiSize,
  type EmojiStyle,
  emojiContents,
  emojiManifest,
} from "./emojiSet";
import { shareAlikeManifest } from "./emojiShareAlike";
import { indexedReader } from "./indexedReader";

export interface ChosenStyle {
  readonly style: EmojiStyle;
  readonly pack: EmojiManifest;
  readonly folder: string;
}

/** Every style of both packs. */
export const everyStyle: readonly ChosenStyle[] = [
  { pack: emojiManifest, folder: "data/emoji" },
  { pack: shareAlikeManifest, folder: "data/emoji-openmoji" },
].flatMap(({ pack, folder }) => pack.styles.map((style) => ({ style, pack, folder })));

/** What networks are told of a glyph beside its style: its Unicode subgroup ("animal-mammal", "food-fruit", ...). */
const subgroups = [...new Set(emojiContents.map((content) => content.subgroup))].sort();

const groups = [...new Set(emojiContents.map((content) => content.group))];
const groupOfSubgroup = subgroups.map((subgroup) =>
  groups.findIndex((group) => emojiContents.some((each) => each.subgroup === subgroup && each.group === group)),
);

/** Which glyphs, and in which styles. */
export const emojiChoice = {
  styles: z
    .array(z.enum(everyStyle.map(({ style }) => style.id)))
    .min(1, "choose at least one style")
    .default(everyStyle.filter(({ style }) => style.default).map(({ style }) => style.id))
    .meta({ title: "Styles", description: "Classes of the data set, in this order.", widget: "multiselect" }),
  groups: z
    .array(z.enum(groups))
    .default([])
    .meta({ title: "Groups", description: "Kinds of emoji to use; none chosen means all.", widget: "multiselect" }),
  limit: z
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ title: "Limit", description: "Use at most this many emoji, spread evenly; 0 uses all." }),
};

type EmojiChoice = z.output<z.ZodObject<typeof emojiChoice>>;

/** The chosen styles in their order, the indices of the chosen emoji, and what every data set of them is. */
export function chooseEmoji(params: EmojiChoice, context: StageContext) {
  const ordered = params.styles.flatMap((id) => everyStyle.find(({ style }) => style.id === id) ?? []);
  if (new Set(params.styles).size < params.styles.length)
    context.fail("A style is chosen twice; each may be a class once.");
  const contents = chooseContents(params.groups, params.limit);
  const labels = {
    classes: ordered.map(({ style }) => style.title),
    contents: subgroups,
    groups: { names: groups, ofContent: groupOfSubgroup },
    paired: true,
    trainCount: contents.filter((i) => emojiContents[i]?.heldOut === false).length * ordered.length,
  };
  return { ordered, contents, labels };
}

export const openAtlases = (
  resources: Resources,
  chosen: readonly ChosenStyle[],
  size: EmojiSize,
): Promise<EmojiAtlas[]> =>
  Promise.all(
    chosen.map(async ({ style, pack, folder }) => {
      const pixels = await resources.image(`${folder}/${style.files[size].file}`);
      return new EmojiAtlas(style, size, pixels, pack);
    }),
  );

/** What the default choice of styles tells of its samples, for pictures of the same emoji from elsewhere. */
export function stillLabels() {
  const styles = emojiChoice.styles.parse(undefined);
  const classes = styles.map((id) => everyStyle.find(({ style }) => style.id === id)?.style.title ?? id);
  return { styles, classes, contents: subgroups, groups: { names: groups, ofContent: groupOfSubgroup } };
}

export const contentIndexOf = (content: number): number => subgroups.indexOf(emojiContents[content]?.subgroup ?? "");

export const emoji = defineNode({
  type: "data/emoji",
  version: 1,
  title: "Emoji styles",
  family: "data",
  help:
    `${emojiContents.length} emoji, each drawn in every chosen style; the style is the class. 15 % of the emoji are held out of all training. ` +
    "OpenMoji is share-alike (CC-BY-SA-4.0): pictures made from it must stay under that licence, so it is off unless chosen.",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params: z.object({
    styles: emojiChoice.styles,
    size: z
      .union([z.literal(32), z.literal(64)])
      .default(32)
      .meta({ title: "Size", description: "Width and height of a picture.", unit: "px" }),
    groups: emojiChoice.groups,
    limit: emojiChoice.limit,
  }),
  emit(_inputs, params, context) {
    const { ordered, contents, labels } = chooseEmoji(params, context);
    const { size } = params;
    return {
      dataset: {
        id: `emoji:${params.styles.join("+")}:${size}:${contents.join("+")}`,
        title: context.title,
        sampleShape: [3, size, size],
        ...labels,
        open: (resources: Resources) => openEmoji(resources, ordered, contents, size),
      },
    };
  },
});

/** Indices of the emoji in `wanted` groups; at most `limit`, an equal share of the training and of the held-out ones. */
export function chooseContents(wanted: readonly EmojiContent["group"][], limit: number): number[] {
  const all = emojiContents.flatMap(({ group }, i) => (wanted.length === 0 || wanted.includes(group) ? [i] : []));
  if (limit === 0 || limit >= all.length) return all;
  const isHeldOut = (i: number) => emojiContents[i]?.heldOut === true;
  const kept = [all.filter(isHeldOut), all.filter((i) => !isHeldOut(i))].flatMap((list) => {
    const count = Math.max(1, Math.round((limit * list.length) / all.length));
    return Array.from(
      { length: Math.min(count, list.length) },
      (_, k) => list[Math.floor((k * list.length) / count)] as number,
    );
  });
  return kept.sort((a, b) => a - b);
}

/** Samples in the order emoji by emoji, style by style. */
async function openEmoji(
  resources: Resources,
  chosen: readonly ChosenStyle[],
  contents: readonly number[],
  size: EmojiSize,
): Promise<DatasetReader> {
  const atlases = await openAtlases(resources, chosen, size);
  const samples = contents.flatMap((content) =>
    atlases.map((atlas, classIndex) => ({
      atlas,
      content,
      classIndex,
      contentIndex: contentIndexOf(content),
      item: content,
      isHeldOut: emojiContents[content]?.heldOut === true,
    })),
  );
  return {
    ...indexedReader(samples, (i, out, offset) => {
      const { atlas, content } = samples[i] as (typeof samples)[number];
      out.set(atlas.cell(content), offset);
    }),
    readItem: (item, classIndex, out, offset) => {
      const atlas = atlases[classIndex];
      if (atlas === undefined)
        throw new RangeError(`There is no style number ${classIndex}; ${atlases.length} are chosen.`);
      out.set(atlas.cell(item), offset);
    },
  };
}
