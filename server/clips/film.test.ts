import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../store/store";
import { addRun } from "../testing/runs";
import { encodeFrame } from "../worker/frames/encode";
import { evenly, trajectoryFilm } from "./film";

const home = mkdtempSync(join(tmpdir(), "distillery-film-"));
const store = openStore(home, 2 ** 24);
afterAll(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

async function record(runId: string, steps: readonly number[]): Promise<void> {
  addRun(store, { id: runId });
  let seq = 0;
  for (const step of steps)
    for (const [socket, level] of [
      ["teacher", 1],
      ["student", step / 10],
    ] as const)
      for (const column of [0, 1]) {
        const values = new Float32Array(3 * 4 * 4).fill(level);
        const place = { step, node: "viewer", socket, row: 0, t: 0, column, shape: [3, 4, 4] };
        const { info, image, values: bytes } = await encodeFrame(place, values);
        seq++;
        store.runs.append(runId, [{ type: "frame", ...info, seq, time: 0 }], {});
        store.frames.add(runId, seq, { ...info, tap: false }, { image, values: bytes });
      }
}

describe("the film of a training", () => {
  it("has a page for each step, and the student's pixels change in it", async () => {
    await record("r1", [0, 5, 10]);
    const options = { node: "viewer", row: 0, framesPerSecond: 5, cell: 16 };
    for (const format of ["webp", "gif"] as const) {
      const file = await trajectoryFilm(store, "r1", { ...options, format });
      const { pages, delay, width, pageHeight } = await sharp(file, { animated: true }).metadata();
      expect([pages, width, pageHeight]).toEqual([3, 2 + 2 * 18, 2 + 2 * 18]);
      expect(delay).toEqual([200, 200, 800]);
    }
    const file = await trajectoryFilm(store, "r1", { ...options, format: "webp" });
    const red = async (page: number, y: number) =>
      (await sharp(file, { page }).raw().toBuffer())[(y * 38 + 10) * 3] ?? 0;
    expect(await red(0, 10)).toBeGreaterThan(240);
    expect(await red(2, 10)).toBeGreaterThan(240);
    expect(Math.abs((await red(0, 28)) - 128)).toBeLessThan(12);
    expect(await red(2, 28)).toBeGreaterThan(240);
  });
  it("of a node without trajectories is none", async () => {
    expect(
      await trajectoryFilm(store, "r1", { node: "other", row: 0, format: "gif", framesPerSecond: 5, cell: 16 }),
    ).toBeUndefined();
  });
  it("of a long training shows evenly picked steps", () => {
    expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });
});
