/** What a page that shows another library offers the bench. Runs in the browser. */
import type { PlainGraph } from "./graph";

export interface LibraryPage {
  /** Shows a graph; resolves when it can be seen. */
  show(graph: PlainGraph): Promise<void>;
  /** Brings everything into view. */
  fit(): void;
  /** A place on the title of a node in view, for dragging. */
  header(): { x: number; y: number };
  /** How many nodes are selected. */
  selected(): number;
}

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** Waits until `isThere`, and one frame more. */
export async function shown(isThere: () => boolean): Promise<void> {
  do await frame();
  while (!isThere());
  await frame();
}

/** The first title that lies well inside the window. */
export function headerInView(headers: Iterable<Element>): { x: number; y: number } {
  for (const header of headers) {
    const { left, top } = header.getBoundingClientRect();
    if (left > 300 && top > 200 && left < 700 && top < 500) return { x: left + 60, y: top + 12 };
  }
  throw new Error("No node is in the middle of the window.");
}
