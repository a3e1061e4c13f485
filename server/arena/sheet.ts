/** The picture grid of an arena: one line a method, the same samples in the same columns. */
import type { Arena, ArenaResult } from "@distillery/shared/protocol/arena";
import { escaped } from "@distillery/shared/text/escape";
import sharp from "sharp";
import type { Store } from "../store/store";

const LABEL_WIDTH = 150;
const LINE_HEIGHT = 66;
const GAP = 4;
const BACKGROUND = "#ffffff";

/** PNG of the first seed's results at the fewest evaluations and the lowest guidance; undefined before there are any. */
export async function arenaSheet(arena: Arena, store: Store): Promise<Uint8Array | undefined> {
  const nfe = Math.min(...arena.spec.nfe);
  const guidance = arena.spec.guidance.length === 0 ? null : Math.min(...arena.spec.guidance);
  const resultAt = (method: string | null) =>
    arena.entries.find((entry) => entry.method === method && entry.result !== null)?.result ?? null;
  const line = (title: string, result: ArenaResult | null, seq: number | null | undefined) =>
    result === null || seq === null || seq === undefined ? [] : [{ title, run: result.evaluationRunId, seq }];
  const teacher = resultAt(null);
  const lines = [
    ...line("Input", teacher, teacher?.pictures.source),
    ...line("Right answer", teacher, teacher?.pictures.answer),
    ...line("Teacher", teacher, teacher?.pictures.results[0]?.seq),
    ...arena.spec.methods.flatMap(({ id, title }) => {
      const result = resultAt(id);
      const shown = result?.pictures.results.find((each) => each.nfe === nfe && each.guidanceScale === guidance);
      return line(title, result, shown?.seq);
    }),
  ];
  const pictures = await Promise.all(
    lines.map(async ({ title, run, seq }) => {
      const stored = store.frames.get(run, seq);
      if (stored === undefined) return [];
      const image = sharp(await stored.read("image")).resize({ height: LINE_HEIGHT, kernel: "nearest" });
      const { data, info } = await image.png().toBuffer({ resolveWithObject: true });
      return [{ title, data, width: info.width }];
    }),
  ).then((all) => all.flat());
  if (pictures.length === 0) return undefined;
  const width = LABEL_WIDTH + Math.max(...pictures.map((each) => each.width)) + GAP;
  const height = pictures.length * (LINE_HEIGHT + GAP) + GAP + 22;
  const top = (i: number) => 22 + GAP + i * (LINE_HEIGHT + GAP);
  const caption = `${arena.name}: NFE ${nfe}${guidance === null ? "" : `, guidance ${guidance}`}, seed 1`;
  const labels = pictures.map(
    ({ title }, i) => `<text x="8" y="${top(i) + LINE_HEIGHT / 2 + 4}">${escaped(title)}</text>`,
  );
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#1b1c22"><text x="8" y="16" font-weight="bold">${escaped(caption)}</text>${labels.join("")}</svg>`;
  return sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite([
      { input: Buffer.from(text), left: 0, top: 0 },
      ...pictures.map(({ data }, i) => ({ input: data, left: LABEL_WIDTH, top: top(i) })),
    ])
    .png()
    .toBuffer();
}
