/** Draws 2-D paths over the density of their data. */
import { rgbOf, withAlpha } from "../theme";
import { type Bounds, densityGrid, type Point, toPixel, travelled } from "./pathGeometry";
import type { Density } from "./viewerData";

export interface PathColors {
  grid: string;
  teacher: string;
  student: string;
  head: string;
}
export interface PathScene {
  bounds: Bounds;
  density: ImageBitmap | HTMLCanvasElement | null;
  teacher: readonly (readonly Point[])[] | null;
  student: readonly (readonly Point[])[] | null;
  /** 0 at the start (noise), 1 at the end (data). */
  progress: number;
  /** Only this sample in full strength. */
  highlighted: number | null;
}

const CELLS = 128;

/** A small picture of the density, to be stretched under the paths. */
export function densityPicture(
  points: Density,
  bounds: Bounds,
  color: string,
  isDark: boolean,
): HTMLCanvasElement | null {
  const canvas = document.createElement("canvas");
  canvas.width = CELLS;
  canvas.height = CELLS;
  const context = canvas.getContext("2d");
  if (!context || points.length === 0) return null;
  const grid = densityGrid(points, bounds, CELLS, 2.2);
  const image = context.createImageData(CELLS, CELLS);
  const [r, g, b] = rgbOf(color);
  for (let i = 0; i < grid.length; i++) {
    image.data.set([r, g, b, Math.round(255 * (isDark ? 0.5 : 0.34) * grid[i]! ** 0.6)], i * 4);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Paints the scene on a square of `size` CSS pixels. */
export function paintPaths(context: Context, size: number, scene: PathScene, colors: PathColors): void {
  context.clearRect(0, 0, size, size);
  if (scene.density) {
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(scene.density, 0, 0, size, size);
  }
  paintAxes(context, size, scene.bounds, colors.grid);
  const place = toPixel(scene.bounds, size);
  const layers = [
    { curves: scene.teacher, color: colors.teacher, dots: false },
    { curves: scene.student, color: colors.student, dots: true },
  ];
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const { curves, color } of layers) {
    curves?.forEach((curve, sample) => {
      const strength = scene.highlighted === null ? 1 : scene.highlighted === sample ? 1.6 : 0.25;
      strokeCurve(context, curve.map(place), withAlpha(color, 0.16 * strength), 1);
      const part = travelled(curve, scene.progress).map(place);
      strokeCurve(context, part, withAlpha(color, Math.min(1, 0.62 * strength)), strength > 1 ? 2 : 1.25);
    });
  }
  for (const { curves, color, dots } of layers) {
    curves?.forEach((curve, sample) => {
      const isFaint = scene.highlighted !== null && scene.highlighted !== sample;
      const part = travelled(curve, scene.progress).map(place);
      context.fillStyle = withAlpha(color, isFaint ? 0.25 : 0.9);
      if (dots) for (const [x, y] of part.slice(0, -1)) fillDot(context, x, y, 1.6);
      const head = part.at(-1);
      if (!head) return;
      fillDot(context, head[0], head[1], isFaint ? 2 : 3);
      if (isFaint) return;
      context.strokeStyle = colors.head;
      context.lineWidth = 1;
      context.stroke();
    });
  }
}

function strokeCurve(context: Context, points: readonly Point[], style: string, width: number): void {
  if (points.length < 2) return;
  context.beginPath();
  points.forEach(([x, y], i) => {
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke();
}

function fillDot(context: Context, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** Whole-number grid lines with the axes a little stronger. */
function paintAxes(context: Context, size: number, bounds: Bounds, color: string): void {
  const step = 2 ** Math.round(Math.log2(bounds.half / 2));
  const place = toPixel(bounds, size);
  const first = (center: number) => Math.ceil((center - bounds.half) / step) * step;
  for (let x = first(bounds.centerX); x <= bounds.centerX + bounds.half; x += step)
    line(context, [place([x, 0])[0], 0], [place([x, 0])[0], size], withAlpha(color, x === 0 ? 0.9 : 0.4));
  for (let y = first(bounds.centerY); y <= bounds.centerY + bounds.half; y += step)
    line(context, [0, place([0, y])[1]], [size, place([0, y])[1]], withAlpha(color, y === 0 ? 0.9 : 0.4));
}

function line(context: Context, from: Point, to: Point, style: string): void {
  context.beginPath();
  context.moveTo(Math.round(from[0]) + 0.5, Math.round(from[1]) + 0.5);
  context.lineTo(Math.round(to[0]) + 0.5, Math.round(to[1]) + 0.5);
  context.strokeStyle = style;
  context.lineWidth = 1;
  context.stroke();
}
