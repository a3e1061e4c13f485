/** Which emoji become contents: those that every style draws, matched by code point. Recipe: design notes on data, 1.3. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const byGroup = require("unicode-emoji-json/data-by-group.json");

/** People, symbols and flags are left out: skin tones and letters teach a small model nothing about style. */
const groups = {
  "Smileys & Emotion": "smileys",
  "Animals & Nature": "animals-nature",
  "Food & Drink": "food-drink",
  "Travel & Places": "travel-places",
  Activities: "activities",
  Objects: "objects",
};

/**
 * First emoji of each subgroup of Unicode's emoji-test.txt, in its order; unicode-emoji-json keeps that order but
 * drops the subgroup names.
 */
const subgroupStarts = {
  "1f600": "face-smiling",
  "1f970": "face-affection",
  "1f60b": "face-tongue",
  "1f917": "face-hand",
  "1f910": "face-neutral-skeptical",
  "1f60c": "face-sleepy",
  "1f637": "face-unwell",
  "1f920": "face-hat",
  "1f60e": "face-glasses",
  "1f615": "face-concerned",
  "1f624": "face-negative",
  "1f4a9": "face-costume",
  "1f63a": "cat-face",
  "1f648": "monkey-face",
  "1f48c": "heart",
  "1f48b": "emotion",
  "1f435": "animal-mammal",
  "1f983": "animal-bird",
  "1f438": "animal-amphibian",
  "1f40a": "animal-reptile",
  "1f433": "animal-marine",
  "1f40c": "animal-bug",
  "1f490": "plant-flower",
  "1f331": "plant-other",
  "1f347": "food-fruit",
  "1f951": "food-vegetable",
  "1f35e": "food-prepared",
  "1f371": "food-asian",
  "1f366": "food-sweet",
  "1f37c": "drink",
  "1f962": "dishware",
  "1f30d": "place-map",
  "1f3d4": "place-geographic",
  "1f3df": "place-building",
  "26ea": "place-religious",
  "26f2": "place-other",
  "1f682": "transport-ground",
  2693: "transport-water",
  2708: "transport-air",
  "1f6ce": "hotel",
  "231b": "time",
  "1f311": "sky-weather",
  "1f383": "event",
  "1f396": "award-medal",
  "26bd": "sport",
  "1f3af": "game",
  "1f3ad": "arts-crafts",
  "1f453": "clothing",
  "1f507": "sound",
  "1f3bc": "music",
  "1f3b7": "musical-instrument",
  "1f4f1": "phone",
  "1f50b": "computer",
  "1f3a5": "light-video",
  "1f4d4": "book-paper",
  "1fa99": "money",
  2709: "mail",
  "270f": "writing",
  "1f4bc": "office",
  "1f512": "lock",
  "1f528": "tool",
  2697: "science",
  "1f489": "medical",
  "1f6aa": "household",
  "1f6ac": "other-object",
};

/** The 24 clock faces differ by a hand only; two of them stay. */
const keptClocks = new Set(["1f552", "1f566"]);
const isClock = (hex) => hex >= "1f550" && hex <= "1f567" && hex.length === 5;

/** Code points of an emoji as lower-case hex joined by "-", without the presentation selector fe0f. */
export const hexOf = (emoji) =>
  [...emoji]
    .map((c) => c.codePointAt(0).toString(16))
    .filter((h) => h !== "fe0f")
    .join("-");

/** 32-bit FNV-1a of the ASCII bytes of `text`. */
export function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** Every candidate in Unicode's order: `{codePoint, name, group, subgroup, heldOut}`. */
export function candidates() {
  const unseen = new Set(Object.keys(subgroupStarts));
  const list = [];
  for (const { name: groupName, emojis } of byGroup) {
    const group = groups[groupName];
    if (!group) continue;
    let subgroup;
    for (const { emoji, name } of emojis) {
      const codePoint = hexOf(emoji);
      if (subgroupStarts[codePoint]) {
        subgroup = subgroupStarts[codePoint];
        unseen.delete(codePoint);
      }
      if (!subgroup) throw new Error(`${codePoint} ${name} comes before the first subgroup of ${groupName}`);
      if (isClock(codePoint) && !keptClocks.has(codePoint)) continue;
      list.push({ codePoint, name, group, subgroup, heldOut: fnv1a(codePoint) % 100 < 15 });
    }
  }
  if (unseen.size) throw new Error(`subgroups not found in unicode-emoji-json: ${[...unseen].join(", ")}`);
  return list;
}
