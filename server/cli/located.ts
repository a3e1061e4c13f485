/** What a command works on: something trained, named by its run or its checkpoint file. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { readBytes } from "../files";
import { UnusableInput } from "./command";
import type { CliSession } from "./session";

export interface Located {
  graph: GraphDocument;
  /** Blob of the checkpoint. */
  checkpoint: string;
  step: number;
}

/** A run's newest checkpoint, or a checkpoint file with the graph that lies beside it (or is named). */
export async function locateTrained(
  { store }: CliSession,
  source: string,
  graphFile: string | undefined,
): Promise<Located> {
  const detail = store.runs.detail(source);
  if (detail !== undefined) {
    const newest = store.runs.checkpoints(source)[0];
    if (newest === undefined) throw new UnusableInput(`Run ${source} has no checkpoint yet.`);
    return { graph: detail.graph, checkpoint: newest.hash, step: newest.step };
  }
  const bytes = await readBytes(source).catch(() => undefined);
  if (bytes === undefined) throw new UnusableInput(`"${source}" is neither a run here nor a checkpoint file.`);
  const file = graphFile ?? join(dirname(source), "graph.json");
  const text = await readFile(file, "utf8").catch(() => {
    throw new UnusableInput(`${file} cannot be read: a checkpoint holds no graph, name it with --graph.`);
  });
  try {
    const { step } = decodeCheckpoint(bytes);
    return { graph: documentSchema.parse(JSON.parse(text)), checkpoint: await store.blobs.put(bytes), step };
  } catch (error) {
    throw new UnusableInput(`${source}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
  }
}
