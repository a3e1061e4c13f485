/** What a run leaves behind: checkpoints and artifacts. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
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

/** Files behind the parameters of a graph that name results of other runs (`run:<id>`, `run:<id>/<artifact>`). */
export function resultsOf(graph: GraphDocument, store: Store): { path: string; file: string }[] {
  const paths = flatDocument(graph).nodes.flatMap(({ params }) =>
    Object.values(params).filter((value): value is string => typeof value === "string" && value.startsWith("run:")),
  );
  return [...new Set(paths)].flatMap((path) => {
    const [id = "", name] = path.slice(4).split("/");
    const hash =
      name === undefined
        ? store.runs.checkpoints(id)[0]?.hash
        : store.runs.artifacts(id).find((artifact) => artifact.name === name)?.hash;
    return hash === undefined ? [] : [{ path, file: store.blobs.pathOf(hash) }];
  });
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
