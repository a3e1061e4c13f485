/** OpenMoji (CC-BY-SA-4.0), kept apart: pictures derived from it, and perhaps samples that repeat it, stay share-alike. */

import manifest from "./emoji-openmoji/manifest.json";
import { type EmojiManifest, emojiManifestSchema } from "./emojiSet";

/** The share-alike pack, in `nodes/data/emoji-openmoji/`; its contents and cell order are those of the permissive pack. */
export const shareAlikeManifest: EmojiManifest = emojiManifestSchema.parse(manifest);
