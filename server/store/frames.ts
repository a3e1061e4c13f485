/**
 * Pictures of a run. All frames of one training step lie in one file, so that a run that fills its budget can be
 * thinned evenly: whole steps go, the step whose neighbours are closest first; the first and the last step stay.
 * A picture that was kept already is not written again: its entry leads into the file of the step that has it, and
 * that file stays as long as anything leads there.
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

export interface FrameEntry {
  readonly step: number;
  readonly tap: boolean;
  readonly format: "webp" | "png";
  readonly shape: readonly number[];
  /** Of the values; frames of equal hash are the same picture. */
  readonly hash?: string | undefined;
}

export interface StoredFrame {
  readonly step: number;
  readonly format: "webp" | "png";
  readonly shape: readonly number[];
  read(part: "image" | "values"): Promise<Uint8Array>;
}

/** Steps whose pictures were removed. */
export interface Thinned {
  readonly tap: boolean;
  readonly steps: number[];
  readonly bytes: number;
}

/** Both together, taps apart. */
export function merged(a: readonly Thinned[], b: readonly Thinned[]): Thinned[] {
  return [false, true].flatMap((tap) => {
    const own = [...a, ...b].filter((each) => each.tap === tap);
    const bytes = own.reduce((sum, each) => sum + each.bytes, 0);
    return own.length === 0 ? [] : [{ tap, steps: own.flatMap(({ steps }) => steps), bytes }];
  });
}

interface StepFile {
  readonly step: number;
  readonly tap: boolean;
  bytes: number;
  /** Its own step is gone; later ones still lead here. */
  held: boolean;
}

interface Usage {
  bytes: number;
  /** Size so far of every step file. */
  readonly files: Map<string, StepFile>;
}

export class FrameStore {
  private readonly usage = new Map<string, Usage>();

  constructor(
    private readonly db: Database,
    private readonly folder: string,
    /** Bytes kept per run. */
    private readonly budget: number,
    /** Bytes kept of all runs together. */
    private readonly total = Number.POSITIVE_INFINITY,
  ) {}

  /**
   * Writes one frame and its index entry, or, without bytes, the entry of a picture known by its hash; call it in the
   * transaction that records the frame's event. Returns what had to go for it.
   */
  add(runId: string, seq: number, frame: FrameEntry, bytes: FrameBytes | null): Thinned[] {
    if (bytes === null) {
      this.addKnown(runId, seq, frame);
      return [];
    }
    const { image, values } = bytes;
    const usage = this.usageOf(runId);
    const file = `${frame.tap ? "tap" : "step"}-${frame.step}.bin`;
    const offset = this.append(runId, file, Buffer.concat([image, values]));
    this.insert(runId, seq, frame, {
      file,
      offset,
      image_bytes: image.byteLength,
      value_bytes: values.byteLength,
    });
    const added = image.byteLength + values.byteLength;
    const entry = usage.files.get(file) ?? { step: frame.step, tap: frame.tap, bytes: 0, held: false };
    entry.bytes += added;
    usage.files.set(file, entry);
    usage.bytes += added;
    return usage.bytes > this.budget ? this.thin(runId, usage, this.budget * 0.75) : [];
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

  /** Deletes the pictures of a run; their index entries go with the run. */
  remove(runId: string): void {
    this.usage.delete(runId);
    rmSync(join(this.folder, runId), { recursive: true, force: true });
  }

  /** Forgets what is only held for writing. */
  finish(runId: string): void {
    this.usage.delete(runId);
  }

  /**
   * Where all runs together keep too much, the oldest that are over lose theirs but for the first and the last step.
   * Returns what went, by run.
   */
  makeRoom(): Map<string, Thinned[]> {
    const gone = new Map<string, Thinned[]>();
    // Pictures that are kept once count as often as they are shown here: never too little, and quickly known.
    const all = this.db.get("SELECT SUM(image_bytes + value_bytes) AS bytes FROM frames");
    if (Number(all?.bytes ?? 0) <= this.total) return gone;
    const rows = this.db.all(
      `SELECT id, status FROM runs WHERE id IN (SELECT DISTINCT run_id FROM frames) ORDER BY created_at, rowid`,
    );
    const usages = rows.map((row) => ({
      id: String(row.id),
      isOver: ["done", "failed", "cancelled"].includes(String(row.status)),
      usage: this.usageOf(String(row.id)),
    }));
    let bytes = usages.reduce((sum, { usage }) => sum + usage.bytes, 0);
    for (const { id, isOver, usage } of usages) {
      if (!isOver) continue;
      const before = usage.bytes;
      const thinned = bytes > this.total ? this.thin(id, usage, 0) : [];
      if (thinned.length > 0) gone.set(id, thinned);
      bytes -= before - usage.bytes;
      this.usage.delete(id);
    }
    return gone;
  }

  private addKnown(runId: string, seq: number, frame: FrameEntry): void {
    const known =
      frame.hash === undefined
        ? undefined
        : this.db.get(
            "SELECT file, offset, image_bytes, value_bytes FROM frames WHERE run_id = ? AND hash = ? LIMIT 1",
            runId,
            frame.hash,
          );
    if (known !== undefined) this.insert(runId, seq, frame, known);
  }

  private insert(runId: string, seq: number, frame: FrameEntry, place: Row): void {
    this.db.run(
      `INSERT INTO frames (run_id, seq, step, tap, file, offset, image_bytes, value_bytes, format, shape, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      runId,
      seq,
      frame.step,
      frame.tap ? 1 : 0,
      String(place.file),
      Number(place.offset),
      Number(place.image_bytes),
      Number(place.value_bytes),
      frame.format,
      JSON.stringify(frame.shape),
      frame.hash ?? null,
    );
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
        "SELECT file, MAX(offset + image_bytes + value_bytes) AS bytes FROM frames WHERE run_id = ? GROUP BY file",
        runId,
      );
      for (const row of rows) {
        const file = String(row.file);
        const [kind, number] = file.split(/[-.]/);
        const [step, tap] = [Number(number), kind === "tap"];
        const bytes = Number(row.bytes);
        usage.files.set(file, { step, tap, bytes, held: !this.hasStep(runId, step, tap) });
        usage.bytes += bytes;
      }
      this.usage.set(runId, usage);
    }
    return usage;
  }

  private hasStep(runId: string, step: number, tap: boolean): boolean {
    const own = "SELECT 1 FROM frames WHERE run_id = ? AND step = ? AND tap = ? LIMIT 1";
    return this.db.get(own, runId, step, tap ? 1 : 0) !== undefined;
  }

  /** Down to `goal` bytes: less than the budget, so that this is not done at every frame. */
  private thin(runId: string, usage: Usage, goal: number): Thinned[] {
    let gone: Thinned[] = [];
    while (usage.bytes > goal) {
      const file = nextToDrop(usage.files);
      const entry = file === undefined ? undefined : usage.files.get(file);
      if (entry === undefined) break;
      const { step, tap } = entry;
      this.db.run("DELETE FROM frames WHERE run_id = ? AND step = ? AND tap = ?", runId, step, tap ? 1 : 0);
      entry.held = true;
      const before = usage.bytes;
      this.sweep(runId, usage);
      gone = merged(gone, [{ tap, steps: [step], bytes: before - usage.bytes }]);
    }
    return gone;
  }

  /** Removes the files that nothing leads to any more. */
  private sweep(runId: string, usage: Usage): void {
    for (const [file, { held, bytes }] of usage.files) {
      if (!held || this.db.get("SELECT 1 FROM frames WHERE run_id = ? AND file = ? LIMIT 1", runId, file)) continue;
      rmSync(join(this.folder, runId, file), { force: true });
      usage.bytes -= bytes;
      usage.files.delete(file);
    }
  }
}

/** The file whose step leaves the smallest hole; taps go before viewers. */
export function nextToDrop(
  files: ReadonlyMap<string, { step: number; tap: boolean; held?: boolean }>,
): string | undefined {
  for (const tap of [true, false]) {
    const own = [...files]
      .filter(([, entry]) => entry.tap === tap && entry.held !== true)
      .sort(([, a], [, b]) => a.step - b.step);
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
