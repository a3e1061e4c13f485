/**
 * Pictures of a run. All frames of one training step lie in one file, so that a run that fills its budget can be
 * thinned evenly: whole steps go, the step whose neighbours are closest first; the first and the last step stay.
 */
import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type Database, explainStorage, type Row } from "./database";

export interface FrameBytes {
  readonly image: Uint8Array;
  /** float32, little endian. */
  readonly values: Uint8Array;
}

export interface StoredFrame {
  readonly step: number;
  readonly format: "webp" | "png";
  readonly shape: readonly number[];
  read(part: "image" | "values"): Promise<Uint8Array>;
}

interface Usage {
  bytes: number;
  /** Size so far of every step file. */
  readonly files: Map<string, { step: number; tap: boolean; bytes: number }>;
}

export class FrameStore {
  private readonly usage = new Map<string, Usage>();

  constructor(
    private readonly db: Database,
    private readonly folder: string,
    /** Bytes kept per run. */
    private readonly budget: number,
  ) {}

  /** Writes one frame and its index entry; call it in the transaction that records the frame's event. */
  add(
    runId: string,
    seq: number,
    frame: { step: number; tap: boolean; format: "webp" | "png"; shape: readonly number[] },
    { image, values }: FrameBytes,
  ): void {
    const usage = this.usageOf(runId);
    const file = `${frame.tap ? "tap" : "step"}-${frame.step}.bin`;
    const offset = this.append(runId, file, Buffer.concat([image, values]));
    this.db.run(
      `INSERT INTO frames (run_id, seq, step, tap, file, offset, image_bytes, value_bytes, format, shape)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      runId,
      seq,
      frame.step,
      frame.tap ? 1 : 0,
      file,
      offset,
      image.byteLength,
      values.byteLength,
      frame.format,
      JSON.stringify(frame.shape),
    );
    const added = image.byteLength + values.byteLength;
    const before = usage.files.get(file)?.bytes ?? 0;
    usage.files.set(file, { step: frame.step, tap: frame.tap, bytes: before + added });
    usage.bytes += added;
    if (usage.bytes > this.budget) this.thin(runId, usage);
  }

  get(runId: string, seq: number): StoredFrame | undefined {
    const row = this.db.get("SELECT * FROM frames WHERE run_id = ? AND seq = ?", runId, seq);
    return row && this.frameOf(runId, row);
  }

  /** Sequence numbers of the frames kept of one step (or of all). */
  kept(runId: string): { seq: number; step: number }[] {
    return this.db
      .all("SELECT seq, step FROM frames WHERE run_id = ? ORDER BY seq", runId)
      .map((row) => ({ seq: Number(row.seq), step: Number(row.step) }));
  }

  /** Forgets what is only held for writing. */
  finish(runId: string): void {
    this.usage.delete(runId);
  }

  /** Returns where the bytes begin: a batch that was rolled back may have left some that the index does not know. */
  private append(runId: string, name: string, bytes: Uint8Array): number {
    const folder = join(this.folder, runId);
    try {
      mkdirSync(folder, { recursive: true });
      const file = openSync(join(folder, name), "a");
      try {
        const offset = fstatSync(file).size;
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
        return offset;
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw explainStorage(error, this.folder);
    }
  }

  private frameOf(runId: string, row: Row): StoredFrame {
    const path = join(this.folder, runId, String(row.file));
    const imageBytes = Number(row.image_bytes);
    const ranges = {
      image: [Number(row.offset), imageBytes],
      values: [Number(row.offset) + imageBytes, Number(row.value_bytes)],
    } as const;
    return {
      step: Number(row.step),
      format: row.format === "png" ? "png" : "webp",
      shape: JSON.parse(String(row.shape)),
      read: (part) => readRange(path, ...ranges[part]),
    };
  }

  private usageOf(runId: string): Usage {
    let usage = this.usage.get(runId);
    if (usage === undefined) {
      usage = { bytes: 0, files: new Map() };
      const rows = this.db.all(
        "SELECT file, step, tap, MAX(offset + image_bytes + value_bytes) AS bytes FROM frames WHERE run_id = ? GROUP BY file",
        runId,
      );
      for (const row of rows) {
        const bytes = Number(row.bytes);
        usage.files.set(String(row.file), { step: Number(row.step), tap: Number(row.tap) === 1, bytes });
        usage.bytes += bytes;
      }
      this.usage.set(runId, usage);
    }
    return usage;
  }

  /** Down to three quarters of the budget, so that this is not done at every frame. */
  private thin(runId: string, usage: Usage): void {
    while (usage.bytes > this.budget * 0.75) {
      const file = nextToDrop(usage.files);
      if (file === undefined) return;
      this.db.run("DELETE FROM frames WHERE run_id = ? AND file = ?", runId, file);
      rmSync(join(this.folder, runId, file), { force: true });
      usage.bytes -= usage.files.get(file)?.bytes ?? 0;
      usage.files.delete(file);
    }
  }
}

/** The file whose step leaves the smallest hole; taps go before viewers. */
export function nextToDrop(files: ReadonlyMap<string, { step: number; tap: boolean }>): string | undefined {
  for (const tap of [true, false]) {
    const own = [...files].filter(([, entry]) => entry.tap === tap).sort(([, a], [, b]) => a.step - b.step);
    let best: { file: string; hole: number } | undefined;
    for (let index = 1; index + 1 < own.length; index++) {
      const hole = (own[index + 1]?.[1].step ?? 0) - (own[index - 1]?.[1].step ?? 0);
      const file = own[index]?.[0];
      if (file !== undefined && (best === undefined || hole < best.hole)) best = { file, hole };
    }
    if (best !== undefined) return best.file;
  }
  return undefined;
}

async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead !== length) throw new Error(`${path} is shorter than its index says.`);
    return bytes;
  } finally {
    await file.close();
  }
}
