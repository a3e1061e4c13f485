/** The drawings: one table row per style, and how a picture of a code point is fetched from its package. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { getIconData, iconToSVG } from "@iconify/utils";
import opentype from "opentype.js";
import { hexOf } from "./contents.mjs";

const require = createRequire(import.meta.url);
const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));
const squash = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
const bare = (hex) =>
  hex
    .toLowerCase()
    .split("-")
    .filter((part) => part !== "fe0f")
    .join("-");

/** Long side, in pixels, at which every drawing is first rasterised. */
export const RENDER = 256;

const licences = {
  "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
  "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
  "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
  MIT: "https://github.com/microsoft/fluentui-emoji/blob/main/LICENSE",
  "OFL-1.1": "https://openfontlicense.org/open-font-license-official-text/",
};

const row = (id, title, packageName, open, licence, attribution, more = {}) => ({
  id,
  title,
  packageName,
  open,
  licence,
  licenceUrl: licences[licence],
  attribution: `${attribution}; rasterised, resized`,
  default: true,
  extra: false,
  shareAlike: false,
  ...more,
});

const microsoft = "Fluent Emoji, (c) Microsoft Corporation, https://github.com/microsoft/fluentui-emoji";
const google = "(c) Google Inc., https://github.com/googlefonts/noto-emoji";
const extra = { default: false, extra: true };

/** fluent-flat and fluent-3d are the same drawing: they share one crop, so that they stay pixel-aligned. */
export const alignedStyles = ["fluent-flat", "fluent-3d"];

export const styles = [
  row("fluent-3d", "Fluent 3D", "@lobehub/fluent-emoji-3d", openPictures, "MIT", `${microsoft}, packaged by LobeHub`),
  row("fluent-flat", "Fluent flat", "@iconify-json/fluent-emoji-flat", openIcons, "MIT", microsoft),
  row(
    "fluent-high-contrast",
    "Fluent high contrast",
    "@iconify-json/fluent-emoji-high-contrast",
    openIcons,
    "MIT",
    microsoft,
  ),
  row(
    "twemoji",
    "Twemoji",
    "@iconify-json/twemoji",
    openIcons,
    "CC-BY-4.0",
    "Twemoji, (c) Twitter, Inc. and other contributors, https://github.com/jdecked/twemoji",
  ),
  row("noto-v1", "Noto blobs", "@iconify-json/noto-v1", openIcons, "Apache-2.0", `Noto Emoji v1, ${google}`),
  row(
    "noto-mono",
    "Noto mono",
    "@expo-google-fonts/noto-emoji",
    openFont,
    "OFL-1.1",
    "Noto Emoji font, (c) 2013 Google LLC, https://github.com/googlefonts/noto-emoji",
  ),
  row("noto", "Noto", "@iconify-json/noto", openIcons, "Apache-2.0", `Noto Emoji, ${google}`, extra),
  row(
    "emojione",
    "EmojiOne",
    "@iconify-json/emojione",
    openIcons,
    "CC-BY-4.0",
    "EmojiOne 2 (EmojiTwo), (c) Emoji One and EmojiTwo contributors, https://github.com/EmojiTwo/emojitwo",
    extra,
  ),
];

export const shareAlikeStyles = [
  row(
    "openmoji",
    "OpenMoji",
    "@iconify-json/openmoji",
    openIcons,
    "CC-BY-SA-4.0",
    "OpenMoji, (c) HfG Schwäbisch Gmünd and OpenMoji contributors, https://openmoji.org",
    { default: false, shareAlike: true },
  ),
];

/** `package@version`, as installed. */
export const sourceOf = (style) =>
  `${style.packageName}@${JSON.parse(readFileSync(join(folderOf(style.packageName), "package.json"), "utf8")).version}`;

/** Name -> code point, for the sets that name their icons but do not list code points. */
function codePointsByName() {
  const names = new Map();
  const put = (name, hex) => names.has(squash(name)) || names.set(squash(name), hex);
  for (const [emoji, { name, slug }] of Object.entries(require("unicode-emoji-json/data-by-emoji.json"))) {
    put(name, hexOf(emoji));
    put(slug, hexOf(emoji));
  }
  for (const set of ["twemoji", "noto", "openmoji", "fluent-emoji-flat", "fluent-emoji-high-contrast"]) {
    const icons = require(`@iconify-json/${set}/icons.json`);
    const hexByIcon = new Map();
    for (const [hex, icon] of Object.entries(require(`@iconify-json/${set}/chars.json`))) {
      hexByIcon.set(icon, bare(hex));
      put(icon, bare(hex));
    }
    for (const [alias, { parent }] of Object.entries(icons.aliases ?? {})) {
      if (hexByIcon.has(parent)) put(alias, hexByIcon.get(parent));
    }
  }
  return names;
}

let namesOnce;

/** An Iconify set: `has(hex)` and `picture(hex)`, an SVG in a buffer with its pixel density. */
function openIcons(packageName) {
  const icons = require(`${packageName}/icons.json`);
  const iconByHex = new Map();
  const put = (hex, icon) => iconByHex.has(hex) || iconByHex.set(hex, icon);
  const chars = Object.entries(require(`${packageName}/chars.json`));
  for (const [hex, icon] of chars) put(bare(hex), icon);
  if (!chars.length) {
    namesOnce ??= codePointsByName();
    for (const icon of [...Object.keys(icons.icons), ...Object.keys(icons.aliases ?? {})]) {
      const hex = namesOnce.get(squash(icon));
      if (hex) put(hex, icon);
    }
  }
  return {
    has: (hex) => iconByHex.has(hex),
    picture(hex) {
      const { body, viewBox } = iconToSVG(getIconData(icons, iconByHex.get(hex)));
      return svg(viewBox, body.replaceAll("currentColor", "#000"));
    },
  };
}

/** A folder of pictures whose file names are code points. */
function openPictures(packageName) {
  const folder = join(folderOf(packageName), "assets");
  const fileByHex = new Map(
    readdirSync(folder)
      .sort()
      .map((file) => [bare(file.replace(/\.webp$/, "")), join(folder, file)]),
  );
  return { has: (hex) => fileByHex.has(hex), picture: (hex) => ({ input: readFileSync(fileByHex.get(hex)) }) };
}

/** The regular weight of the Noto Emoji font, glyph outlines as SVG paths; single code points only. */
function openFont(packageName) {
  const file = readFileSync(join(folderOf(packageName), "400Regular", "NotoEmoji_400Regular.ttf"));
  const font = opentype.parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength));
  const glyph = (hex) => font.charToGlyph(String.fromCodePoint(Number.parseInt(hex, 16)));
  return {
    has: (hex) => !hex.includes("-") && glyph(hex).index !== 0,
    picture(hex) {
      const path = glyph(hex).getPath(0, 0, RENDER);
      const { x1, y1, x2, y2 } = path.getBoundingBox();
      const viewBox = [Math.floor(x1) - 2, Math.floor(y1) - 2, Math.ceil(x2 - x1) + 4, Math.ceil(y2 - y1) + 4];
      return svg(viewBox, `<path d="${path.toPathData(3)}"/>`);
    },
  };
}

function svg([left, top, width, height], body) {
  const input = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}">${body}</svg>`,
  );
  return { input, density: (72 * RENDER) / Math.max(width, height) };
}
