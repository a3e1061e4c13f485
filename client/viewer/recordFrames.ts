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
  let bytes = 0;
  for (const step of inOrder([...new Set(wanted.map((event) => event.step))])) {
    const own = wanted.filter((event) => event.step === step);
    const read = await eachInTurn(own, async (event) => [event.seq, await recordFrame(event, source)] as const);
    const size = read.reduce((sum, [, frame]) => sum + (frame?.image?.length ?? 0) + (frame?.values?.length ?? 0), 0);
    if (bytes + size > budget && bytes > 0) break;
    bytes += size;
    for (const [seq, frame] of read) if (frame) frames[seq] = frame;
  }
  const events = run.events.filter((event) => event.type !== "frame" || frames[event.seq] !== undefined);
  return { run: { ...run, events }, frames };
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
