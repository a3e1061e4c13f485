/** The trajectories of a viewer over the training as a picture that plays: one page for each step that is kept. */
import sharp from "sharp";
import { composeSheet, type FrameEvent, pathFrames } from "../runs/sheet";
import type { Store } from "../store/store";

export const FILM_FORMATS = ["webp", "gif"] as const;
export type FilmFormat = (typeof FILM_FORMATS)[number];

/** Of longer trainings, evenly picked steps. */
const MAX_PAGES = 80;
/** The last step stays for as many pages. */
const HOLD = 4;

export interface FilmOptions {
  readonly node: string;
  /** Sample of the batch. */
  readonly row: number;
  readonly format: FilmFormat;
  readonly framesPerSecond: number;
  /** Side of a state in pixels. */
  readonly cell: number;
}

/** Undefined when the run keeps no such trajectories. */
export async function trajectoryFilm(
  store: Store,
  runId: string,
  { node, row, format, framesPerSecond, cell }: FilmOptions,
): Promise<Uint8Array | undefined> {
  const byStep = new Map<number, FrameEvent[]>();
  for (const frame of pathFrames(store, runId)) {
    if (frame.node === node && frame.row === row) byStep.set(frame.step, [...(byStep.get(frame.step) ?? []), frame]);
  }
  const steps = evenly(
    [...byStep.keys()].sort((a, b) => a - b),
    MAX_PAGES,
  );
  const all = steps.flatMap((step) => byStep.get(step) ?? []);
  if (all.length === 0) return undefined;
  const pages: Uint8Array[] = [];
  let size = { width: 0, height: 0 };
  for (const step of steps) {
    const page = await composeSheet(store, runId, byStep.get(step) ?? [], { like: all, cell });
    const { data, info } = await page.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    size = { width: info.width, height: info.height };
    pages.push(data);
  }
  const raw = { width: size.width, height: size.height * pages.length, channels: 3, pageHeight: size.height } as const;
  const film = sharp(Buffer.concat(pages), { raw, limitInputPixels: false });
  const page = Math.round(1000 / framesPerSecond);
  const delay = pages.map((_, i) => (i === pages.length - 1 ? HOLD * page : page));
  return (
    format === "gif" ? film.gif({ delay, loop: 0, dither: 0 }) : film.webp({ delay, loop: 0, quality: 90 })
  ).toBuffer();
}

/** At most `count` of `list`, the first and the last among them. */
export function evenly<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.round((i * (list.length - 1)) / (count - 1))] as T);
}
