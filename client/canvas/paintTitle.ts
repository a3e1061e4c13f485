/** Titles on the canvas, in letters of a size on the screen whatever the zoom. */
export const CANVAS_FONT = '-apple-system, "Segoe UI", Inter, Roboto, Arial, sans-serif';

/** Measuring letters is slow and most titles come often: what was broken once is remembered. */
const KEPT = 2000;
const known = new Map<string, readonly string[]>();

/** A title for `width` graph units in a font of `size` graph units: at most two lines, the rest an ellipsis. */
export function wrapTitle(
  context: CanvasRenderingContext2D,
  title: string,
  width: number,
  size: number,
): readonly string[] {
  // Only the relation of the two counts, so that a picture twice as far away breaks alike.
  const key = `${Math.round((20 * width) / size)} ${title}`;
  const before = known.get(key);
  if (before) return before;
  if (known.size >= KEPT) known.clear();
  const lines = broken(context, title, width);
  known.set(key, lines);
  return lines;
}

function broken(context: CanvasRenderingContext2D, title: string, width: number): string[] {
  const fits = (text: string) => context.measureText(text).width <= width;
  const shorten = (text: string): string => {
    if (fits(text)) return text;
    let end = text.length;
    while (end > 1 && !fits(`${text.slice(0, end)}…`)) end -= 1;
    return `${text.slice(0, end)}…`;
  };
  if (fits(title)) return [title];
  const words = title.split(/(?<=[ -])/);
  let head = words.shift() ?? "";
  for (let next = words[0]; next !== undefined && fits((head + next).trimEnd()); next = words[0]) {
    head += next;
    words.shift();
  }
  return words.length === 0 ? [shorten(head)] : [shorten(head.trimEnd()), shorten(words.join(""))];
}
