/** One stored picture of a run as an answer: for the run itself and for a link that shares it. */
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { animate, CLIP_FORMATS, CLIP_TYPES } from "../clips/animate";
import type { Store } from "../store/store";
import { HttpProblem, notFound } from "./problems";

export const FRAME_HELP =
  "The image (of a clip, its frames below each other); with format=raw the float32 values (little endian), their shape " +
  "in the header x-shape; with gif, webp or mp4 a file that plays, mp4 only where ffmpeg is installed.";

export const frameParams = z.object({ seq: z.coerce.number().int().min(1) });

export const frameQuerySchema = z.object({
  format: z.enum(["image", "raw", ...CLIP_FORMATS]).default("image"),
  fps: z.coerce.number().min(1).max(60).default(8),
  scale: z.coerce.number().int().min(1).max(32).default(8),
});

/** Pixels of one side of a clip file, at most. */
const MAX_SIDE = 2048;

/** `scale`, or less for large clips. */
const fitting = (shape: readonly number[], scale: number): number =>
  Math.max(1, Math.min(scale, Math.floor(MAX_SIDE / Math.max(...shape.slice(-2)))));

export async function answerFrame(
  store: Pick<Store, "frames" | "runs">,
  { runId, seq }: { runId: string; seq: number },
  { format, fps, scale }: z.infer<typeof frameQuerySchema>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const frame = store.frames.get(runId, seq);
  if (frame === undefined) {
    if (store.runs.event(runId, seq)?.type !== "frame") throw notFound(`Frame ${seq} of this run`);
    throw new HttpProblem(410, `Frame ${seq} was removed to keep the run within its disk budget.`);
  }
  reply.header("cache-control", "private, max-age=31536000, immutable");
  if (format === "raw") {
    reply.headers({
      "content-type": "application/octet-stream",
      "x-shape": JSON.stringify(frame.shape),
      "x-dtype": "float32",
    });
    return reply.send(Buffer.from(await frame.read("values")));
  }
  if (format === "image") {
    reply.header("content-type", `image/${frame.format}`);
    return reply.send(Buffer.from(await frame.read("image")));
  }
  const values = new Float32Array((await frame.read("values")).slice().buffer);
  const file = await animate(values, frame.shape, {
    format,
    framesPerSecond: fps,
    scale: fitting(frame.shape, scale),
  });
  reply.header("content-type", CLIP_TYPES[format]);
  return reply.send(Buffer.from(file));
}
