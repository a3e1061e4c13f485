/** Takes the pictures of a run along: of as many training steps as fit, the last and the first before the ones between. */
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import type { RunSource } from "../run/runSource";
import { isPoints } from "../viewers/trajectory/pathGeometry";
import { type EmbeddedFrame, toBase64, type ViewData } from "./viewData";

/** Bytes of pictures and values in one file. */
const BUDGET = 9_000_000;
const PARALLEL = 6;

type FrameEvent = RecordedRun["events"][number] & { type: "frame" };

/** The frames, and the run with those events alone whose frames came along. */
export async function recordFrames(
  run: RecordedRun,
  source: RunSource,
  budget = BUDGET,
): Promise<{ run: RecordedRun; frames: ViewData["frames"] }> {
  const wanted = run.events.filter((event): event is FrameEvent => event.type === "frame");
  const frames: Record<string, EmbeddedFrame> = {};
  /** What a picture's first frame has, every later one of the same contents shows. */
  const known = new Map<string, EmbeddedFrame>();
  let bytes = 0;
  for (const step of inOrder([...new Set(wanted.map((event) => event.step))])) {
    const own = wanted.filter((event) => event.step === step);
    const fresh = new Map<number, EmbeddedFrame>();
    await eachInTurn(own, async (event) => {
      const frame = known.get(event.hash ?? "") ?? (await recordFrame(event, source));
      if (frame) fresh.set(event.seq, frame);
    });
    const isKnown = new Set(known.values());
    const added = new Set([...fresh.values()].filter((frame) => !isKnown.has(frame)));
    const size = [...added].reduce((sum, { image, values }) => sum + (image ?? values ?? "").length, 0);
    if (bytes + size > budget && bytes > 0) break;
    bytes += size;
    for (const event of own) {
      const frame = fresh.get(event.seq);
      if (!frame) continue;
      frames[event.seq] = frame;
      if (event.hash !== undefined) known.set(event.hash, frame);
    }
  }
  const events = run.events.filter((event) => event.type !== "frame" || frames[event.seq] !== undefined);
  return { run: { ...run, events }, frames: onceEach(events, frames) };
}

/** Viewers ask for the first frame of equal contents, so only that one keeps them. */
function onceEach(events: RecordedRun["events"], frames: Record<string, EmbeddedFrame>): ViewData["frames"] {
  const seen = new Set<string>();
  return Object.fromEntries(
    events.flatMap((event) => {
      const frame = event.type === "frame" ? frames[event.seq] : undefined;
      if (event.type !== "frame" || !frame || seen.has(event.hash ?? "")) return [];
      if (event.hash !== undefined) seen.add(event.hash);
      return [[event.seq, frame]];
    }),
  );
}

/** Points are drawn from their values, everything else from its picture. Null when the server has dropped it. */
async function recordFrame({ seq, shape, format }: FrameEvent, source: RunSource): Promise<EmbeddedFrame | null> {
  try {
    if (isPoints(shape)) {
      const { buffer, byteOffset, byteLength } = await source.values(seq);
      return { values: toBase64(new Uint8Array(buffer, byteOffset, byteLength)), mime: "application/octet-stream" };
    }
    const image = new Uint8Array(await (await source.image(seq)).arrayBuffer());
    return { image: toBase64(image), mime: `image/${format}` };
  } catch {
    return null;
  }
}

/** Last, first, then halving what lies between. */
export function inOrder(steps: readonly number[]): number[] {
  const sorted = [...steps].sort((a, b) => a - b);
  const found: number[] = [];
  const take = (i: number) => {
    const step = sorted[i];
    if (step !== undefined && !found.includes(step)) found.push(step);
  };
  take(sorted.length - 1);
  take(0);
  for (let stride = sorted.length / 2; stride >= 0.5; stride /= 2)
    for (let at = stride; at < sorted.length; at += stride) take(Math.floor(at));
  return found;
}

async function eachInTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i] as T);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
