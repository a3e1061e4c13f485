/** The last trajectory sheet of a run as one picture: a row per path, a column per time. */
import type { RunEvent } from "@distillery/shared/protocol/events";
import sharp, { type Sharp } from "sharp";
import type { Store } from "../store/store";

export type FrameEvent = Extract<RunEvent, { type: "frame" }>;

const CELL = 64;
const GAP = 2;
const MAX_COLUMNS = 60;
const PAGE = 5000;
const BACKGROUND = "#14161b";

/** PNG of the newest complete sheet, or undefined when the run showed none. */
export async function trajectorySheet(store: Store, runId: string): Promise<Uint8Array | undefined> {
  const frames = lastSheet(store, runId);
  if (frames.length === 0) return undefined;
  return composeSheet(store, runId, frames, { like: frames, cell: CELL }).then((sheet) => sheet.png().toBuffer());
}

/** A sheet of `frames`, each state `cell` pixels wide, with the rows and columns of `like`. */
export async function composeSheet(
  store: Store,
  runId: string,
  frames: readonly FrameEvent[],
  { like, cell }: { readonly like: readonly FrameEvent[]; readonly cell: number },
): Promise<Sharp> {
  const rows = [...new Set(like.map(rowKey))].sort();
  const columns = [...new Set(like.map((frame) => frame.column ?? 0))].sort((a, b) => a - b).slice(0, MAX_COLUMNS);
  const cells = await Promise.all(
    frames.map(async (frame) => {
      const column = columns.indexOf(frame.column ?? 0);
      const stored = column < 0 ? undefined : store.frames.get(runId, frame.seq);
      if (stored === undefined) return [];
      const image = await still(await stored.read("image"), frame.shape)
        .resize(cell, cell, { kernel: "nearest", fit: "contain", background: BACKGROUND })
        .png()
        .toBuffer();
      return [
        { input: image, left: GAP + column * (cell + GAP), top: GAP + rows.indexOf(rowKey(frame)) * (cell + GAP) },
      ];
    }),
  );
  return sharp({
    create: {
      width: GAP + columns.length * (cell + GAP),
      height: GAP + rows.length * (cell + GAP),
      channels: 4,
      background: BACKGROUND,
    },
  }).composite(cells.flat());
}

/** All kept frames on paths, in order; of a step shown twice the later ones come later. */
export function pathFrames(store: Store, runId: string): FrameEvent[] {
  const kept = new Set(store.frames.kept(runId).map(({ seq }) => seq));
  if (kept.size === 0) return [];
  return framesBetween(store, runId, Math.min(...kept), Math.max(...kept)).filter(
    ({ seq, column, tap }) => kept.has(seq) && column !== undefined && tap !== true,
  );
}

/** The picture; of a clip, whose frames lie below each other, the one in its middle. */
function still(image: Uint8Array, shape: readonly number[]): Sharp {
  const [frames = 1, , height = 1, width = 1] = shape;
  if (shape.length !== 4) return sharp(image);
  return sharp(image).extract({ left: 0, top: Math.floor(frames / 2) * height, width, height });
}

/** Teacher rows and the student's below, sample by sample. */
const rowKey = (frame: FrameEvent): string =>
  `${String(frame.row).padStart(4, "0")}|${order(frame.socket)}|${frame.socket}`;
const order = (socket: string): number => (socket.startsWith("teacher") ? 0 : socket.startsWith("student") ? 1 : 2);

/** Frames on a path of the viewer's last step; a viewer with more of them wins. */
function lastSheet(store: Store, runId: string): FrameEvent[] {
  const kept = store.frames.kept(runId);
  let best: FrameEvent[] = [];
  for (const step of [...new Set(kept.map((frame) => frame.step))].sort((a, b) => b - a).slice(0, 3)) {
    const wanted = new Set(kept.filter((frame) => frame.step === step).map((frame) => frame.seq));
    const byNode = new Map<string, FrameEvent[]>();
    for (const event of framesBetween(store, runId, Math.min(...wanted), Math.max(...wanted))) {
      if (!wanted.has(event.seq) || event.column === undefined || event.tap === true) continue;
      byNode.set(event.node, [...(byNode.get(event.node) ?? []), event]);
    }
    for (const frames of byNode.values()) {
      // A step may have been shown twice: the later one counts.
      const cells = new Map(frames.map((frame) => [`${rowKey(frame)}|${frame.column}`, frame]));
      if (cells.size > best.length) best = [...cells.values()];
    }
    if (best.length > 0) return best;
  }
  return best;
}

function framesBetween(store: Store, runId: string, first: number, last: number): FrameEvent[] {
  const found: FrameEvent[] = [];
  for (let after = first - 1; after < last; ) {
    const page = store.runs.events(runId, after, PAGE);
    const end = page.at(-1);
    if (end === undefined) break;
    for (const event of page) if (event.type === "frame" && event.seq <= last) found.push(event);
    after = end.seq;
  }
  return found;
}
