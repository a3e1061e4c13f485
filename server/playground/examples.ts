/** Held-out emoji as pictures to try. */
import { chooseContents, everyStyle } from "@distillery/nodes/data/emoji";
import { EmojiAtlas, type EmojiSize, emojiContents } from "@distillery/nodes/data/emojiSet";
import type { Resources } from "@distillery/shared/graph/wires";
import { pngOf } from "./png";

export interface Example {
  readonly id: string;
  readonly title: string;
}

const allGroups = [...new Set(emojiContents.map(({ group }) => group))];

const exampleOf = (index: number): Example[] => {
  const content = emojiContents[index];
  return content?.heldOut === true ? [{ id: content.codePoint, title: content.name }] : [];
};

/** The held-out emoji among those that a node "Emoji styles" with these parameters takes. */
export function emojiExamples({ groups, limit }: Readonly<Record<string, unknown>>): Example[] {
  const wanted = allGroups.filter((group) => Array.isArray(groups) && groups.includes(group));
  return chooseContents(wanted, typeof limit === "number" ? limit : 0).flatMap(exampleOf);
}

/** Atlases that were asked for last; a page of examples is one style. */
const KEPT = 4;

export class ExamplePictures {
  private readonly atlases = new Map<string, Promise<EmojiAtlas>>();

  constructor(private readonly resources: () => Resources) {}

  /** A PNG, or undefined when there is no such held-out emoji or style (by title or id). */
  async png(id: string, style: string, size: EmojiSize): Promise<Buffer | undefined> {
    const index = emojiContents.findIndex(({ codePoint, heldOut }) => codePoint === id && heldOut);
    const atlas = index < 0 ? undefined : this.atlas(style, size);
    return atlas && pngOf((await atlas).cell(index), size, size);
  }

  private atlas(style: string, size: EmojiSize): Promise<EmojiAtlas> | undefined {
    const chosen = everyStyle.find((each) => each.style.title === style || each.style.id === style);
    if (chosen === undefined) return undefined;
    const path = `${chosen.folder}/${chosen.style.files[size].file}`;
    const known = this.atlases.get(path);
    if (known !== undefined) return known;
    const opened = this.resources()
      .image(path)
      .then((pixels) => new EmojiAtlas(chosen.style, size, pixels, chosen.pack));
    this.atlases.set(path, opened);
    opened.catch(() => this.atlases.delete(path));
    for (const old of [...this.atlases.keys()].slice(0, -KEPT)) this.atlases.delete(old);
    return opened;
  }
}
