/** What a run leaves behind: checkpoints and artifacts. */
import type { EventBody } from "@distillery/shared/protocol/events";
import type { Store } from "../store/store";

/** Of a run that goes on: the newest, and the one before in case the newest is of no use. */
const CHECKPOINTS_KEPT = 2;
const MAX_NAME = 128;

export async function keepCheckpoint(store: Store, runId: string, step: number, bytes: Uint8Array): Promise<EventBody> {
  const hash = await store.blobs.put(bytes);
  store.runs.addCheckpoint(runId, step, hash, bytes.byteLength);
  for (const old of store.runs.checkpoints(runId).slice(CHECKPOINTS_KEPT)) {
    store.runs.removeCheckpoint(runId, old.step);
    if (!store.runs.isBlobUsed(old.hash)) await store.blobs.remove(old.hash);
  }
  return { type: "checkpoint", step, name: `checkpoint-${step}.safetensors`, bytes: bytes.byteLength };
}

export async function keepResults(
  store: Store,
  runId: string,
  name: string,
  mime: string,
  bytes: Uint8Array,
): Promise<EventBody> {
  const safe = safeName(name);
  const hash = await store.blobs.put(bytes);
  store.runs.addArtifact(runId, { name: safe, bytes: bytes.byteLength, mime, createdAt: Date.now(), hash });
  return { type: "artifact", name: safe, bytes: bytes.byteLength, mime };
}

/** A file name without folders or odd characters: names come from graphs, and end up on other people's disks. */
export function safeName(name: string): string {
  const plain = name
    .replace(/^.*[\\/]/, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(-MAX_NAME);
  return plain === "" ? "artifact" : plain;
}
