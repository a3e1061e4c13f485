/** The words of frames and notes, laid out in lines: what the browser does on the canvas, pictures do with this. */
import type { GraphFrame } from "../graph/document";

export interface TextLine {
  readonly text: string;
  /** Where its base line begins. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly isStrong: boolean;
}

const SIDE = 12;
const TITLE = 14;
const TEXT = 12;
const LEADING = 1.5;

/** Room for text is not measured here: a letter is about this wide. */
export const lettersIn = (width: number, size: number): number => Math.max(3, Math.floor(width / (size * 0.56)));

/** As many lines as the frame has room for. */
export function frameText({ kind, title, text, position, size }: GraphFrame): TextLine[] {
  const width = size.width - 2 * SIDE;
  const bottom = position.y + size.height;
  const lines: TextLine[] = [];
  let y = position.y;
  const write = (paragraph: string, letters: number, isStrong: boolean): void => {
    for (const line of wrapped(paragraph, lettersIn(width, letters))) {
      y += letters * LEADING;
      if (y < bottom) lines.push({ text: line, x: position.x + SIDE, y, size: letters, isStrong });
    }
  };
  if (kind !== "note") {
    if (title !== "") lines.push({ text: title, x: position.x + SIDE, y: y + 22, size: TITLE, isStrong: true });
    y += 26;
  } else y += 6;
  for (const paragraph of text.split("\n")) {
    const heading = kind === "note" && /^#{1,6}\s/.test(paragraph);
    const plain = kind === "note" ? withoutMarks(paragraph) : paragraph;
    if (plain.trim() === "") y += (TEXT * LEADING) / 2;
    else write(plain, heading ? TITLE : TEXT, heading);
  }
  return lines;
}

/** Markdown as it reads: without the marks of headings, quotes, lists, stress, code and links. */
const withoutMarks = (line: string): string =>
  line
    .replace(/^\s*(?:#{1,6}\s+|>\s?)/, "")
    .replace(/^\s*[-*+]\s+/, "• ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*|__|`/g, "");

function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
