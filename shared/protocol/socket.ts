/** socket.io, namespace `/runs`. Events are reliable and numbered; frames are newest-wins and may be thinned. */
import { z } from "zod";
import { type FrameInfo, type RunEvent, runStatusSchema } from "./events";

export const RUNS_NAMESPACE = "/runs";

export const subscribeSchema = z.object({ runId: z.string(), after: z.number().int().min(0).default(0) });
export const unsubscribeSchema = z.object({ runId: z.string() });
export const tapSchema = z.object({
  runId: z.string(),
  node: z.string(),
  socket: z.string(),
  /** Send every that many steps. */
  every: z.number().int().min(1).default(1),
});
export const untapSchema = tapSchema.omit({ every: true });
export const subscribeAckSchema = z.object({ seq: z.number().int(), status: runStatusSchema });

export type SubscribeAck = z.infer<typeof subscribeAckSchema> | { error: string };
export type SimpleAck = { ok: true } | { error: string };

export type LiveEvent = RunEvent & { runId: string };
export type FrameHeader = FrameInfo & { runId: string; seq: number };

export interface ClientToServer {
  subscribe(message: z.input<typeof subscribeSchema>, ack: (reply: SubscribeAck) => void): void;
  unsubscribe(message: z.input<typeof unsubscribeSchema>, ack?: (reply: SimpleAck) => void): void;
  tap(message: z.input<typeof tapSchema>, ack?: (reply: SimpleAck) => void): void;
  untap(message: z.input<typeof untapSchema>, ack?: (reply: SimpleAck) => void): void;
}
export interface ServerToClient {
  /** A batch of one run's events, in order of `seq`. */
  events(batch: LiveEvent[]): void;
  /** `image` is WebP or PNG; `values` the raw float32 values (little endian) of point sets and tapped wires, else null. */
  frame(header: FrameHeader, image: ArrayBuffer, values: ArrayBuffer | null): void;
}
