import { blank, type Colour, clamp, type Filter, saturate } from "./picture";
import { blur, channels } from "./planes";

/** Distance between dabs and their radius, in pixels. */
const SPACING = 7;
const RADIUS = 4.6;
const CANVAS: Colour = [0.95, 0.92, 0.84];

/** Dabs of pure colour side by side, each a little off the colour they make together (Seurat's divisionism). */
export const pointillism: Filter = (picture, random) => {
  const { size } = picture;
  const planes = channels(picture.rgb, size).map((plane) => blur(plane, size, 1));
  const painted = blank(size, CANVAS);
  const plane = size * size;
  const rows = Math.ceil(size / SPACING) + 1;
  const dabs = Array.from({ length: rows * rows }, (_, k) => {
    const row = Math.floor(k / rows);
    const jitter = () => (random.uniform() - 0.5) * SPACING * 0.7;
    const shift = row % 2 === 0 ? 0 : SPACING / 2;
    return {
      x: (k % rows) * SPACING + shift - SPACING / 4 + jitter(),
      y: row * SPACING + jitter(),
      radius: RADIUS * (0.8 + 0.35 * random.uniform()),
      off: [random.normal(), random.normal(), random.normal()],
      order: random.uniform(),
    };
  }).sort((a, b) => a.order - b.order);
  for (const { x, y, radius, off } of dabs) {
    const inside = (value: number) => Math.min(Math.max(Math.round(value), 0), size - 1);
    const at = inside(y) * size + inside(x);
    const seen = saturate([planes[0]?.[at] ?? 0, planes[1]?.[at] ?? 0, planes[2]?.[at] ?? 0], 1.5);
    // White paint stays nearly white; everything else is broken into its hues.
    const broken = 0.15 - 0.1 * Math.min(...seen);
    const colour = seen.map((value, c) => clamp(value + broken * (off[c] as number)));
    for (let v = Math.max(Math.floor(y - radius), 0); v <= Math.min(Math.ceil(y + radius), size - 1); v++) {
      for (let u = Math.max(Math.floor(x - radius), 0); u <= Math.min(Math.ceil(x + radius), size - 1); u++) {
        const cover = clamp(radius - Math.hypot(u - x, v - y) + 0.5);
        for (let c = 0; c < 3; c++) {
          const i = c * plane + v * size + u;
          painted.rgb[i] = (painted.rgb[i] as number) * (1 - cover) + (colour[c] as number) * cover;
        }
      }
    }
  }
  return painted;
};
