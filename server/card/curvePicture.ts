/** A training curve as a picture, for model cards: raw values pale, their moving average over them. */
import { escaped } from "@distillery/shared/text/escape";
import sharp from "sharp";

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

const WIDTH = 720;
const HEIGHT = 300;
const EDGE = { left: 64, right: 16, top: 34, bottom: 34 };
const TICKS = 4;

/** PNG of `points` (positive values) on a logarithmic axis. */
export async function curvePicture(title: string, points: readonly CurvePoint[]): Promise<Uint8Array> {
  return sharp(Buffer.from(curveSvg(title, points)))
    .png()
    .toBuffer();
}

export function curveSvg(title: string, points: readonly CurvePoint[]): string {
  const shown = points.filter(({ value }) => value > 0 && Number.isFinite(value));
  const logs = shown.map(({ value }) => Math.log10(value));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const last = Math.max(1, shown.at(-1)?.step ?? 1);
  const x = (step: number) => EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * step) / last;
  const y = (log: number) =>
    HEIGHT - EDGE.bottom - ((HEIGHT - EDGE.top - EDGE.bottom) * (log - low)) / Math.max(high - low, 1e-9);
  const path = (values: readonly number[]) =>
    values.map((log, i) => `${i === 0 ? "M" : "L"}${x(shown[i]?.step ?? 0).toFixed(1)},${y(log).toFixed(1)}`).join("");
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/><text x="${EDGE.left}" y="20" fill="#111827">${escaped(title)}</text>`,
    ...ticks.map((share) => {
      const log = low + share * (high - low);
      return `<path d="M${EDGE.left},${y(log)}H${WIDTH - EDGE.right}" stroke="#e5e7eb"/><text x="${EDGE.left - 6}" y="${y(log) + 4}" text-anchor="end" fill="#4b5563">${(10 ** log).toPrecision(3)}</text>`;
    }),
    ...ticks.map(
      (share) =>
        `<text x="${x(share * last)}" y="${HEIGHT - 12}" text-anchor="middle" fill="#4b5563">${Math.round(share * last)}</text>`,
    ),
    `<path d="${path(logs)}" fill="none" stroke="#bfdbfe" stroke-width="1"/>`,
    `<path d="${path(averaged(logs))}" fill="none" stroke="#1d4ed8" stroke-width="2"/>`,
    "</svg>",
  ].join("\n");
}

/** Exponential moving average over about a fiftieth of the curve. */
export function averaged(values: readonly number[]): number[] {
  const decay = Math.exp(-50 / Math.max(values.length, 50));
  let mean = values[0] ?? 0;
  return values.map((value) => {
    mean = decay * mean + (1 - decay) * value;
    return mean;
  });
}
