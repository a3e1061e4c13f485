/** Random views of one picture for self-supervised learning: crops, mirror images, other colours, less sharpness. */
import type { RandomStream } from "@distillery/shared/graph/node";
import { areaResize } from "./areaResize";

export interface ViewOptions {
  /** Width and height of the view. */
  readonly size: number;
  /** Share of the picture's area that a crop shows, at least and at most. */
  readonly area: readonly [smallest: number, largest: number];
  /** Shares of the views that are mirrored, grey, blurred. */
  readonly flip: number;
  readonly grey: number;
  readonly blur: number;
  /** 0 keeps the colours, 1 changes them as much as DINO does (torchvision's ColorJitter(0.4, 0.4, 0.2, 0.1), in 80 %). */
  readonly colour: number;
}

/** Crops are at most this much wider than high, or higher than wide (torchvision's RandomResizedCrop). */
const ASPECT = 4 / 3;

type Shape = readonly [channels: number, height: number, width: number];

/** A view [C, size, size] of `picture` [C, H, W], values in [-1, 1]. Colours change in RGB pictures only. */
export function makeView(
  picture: Float32Array,
  shape: Shape,
  options: ViewOptions,
  random: RandomStream,
): Float32Array {
  const { size, flip, grey, blur, colour } = options;
  const [channels] = shape;
  const view = areaResize(picture, shape, size, size, cropBox(shape, options.area, random));
  // Every draw is made whatever the settings are, so that one setting does not change the others' luck.
  const luck = Array.from({ length: 8 }, () => random.uniform());
  const [mirrored = 1, jittered = 1, greyed = 1, blurred = 1, ...shifts] = luck;
  if (mirrored < flip) mirror(view, size);
  if (channels === 3) {
    if (colour > 0 && jittered < 0.8) jitter(view, colour, shifts);
    if (greyed < grey) mixColours(view, saturation(0));
  }
  if (blurred < blur) soften(view, channels, size);
  return view.map((value) => Math.min(Math.max(value, -1), 1));
}

function cropBox([, height, width]: Shape, [smallest, largest]: readonly [number, number], random: RandomStream) {
  const share = smallest + (largest - smallest) * random.uniform();
  const aspect = Math.exp((2 * random.uniform() - 1) * Math.log(ASPECT));
  const rows = Math.min(Math.sqrt(share / aspect), 1) * height;
  const columns = Math.min(Math.sqrt(share * aspect), 1) * width;
  return {
    top: (height - rows) * random.uniform(),
    left: (width - columns) * random.uniform(),
    height: rows,
    width: columns,
  };
}

function mirror(view: Float32Array, size: number): void {
  for (let row = 0; row < view.length; row += size) view.subarray(row, row + size).reverse();
}

/** Brightness, contrast, saturation and hue. */
function jitter(view: Float32Array, colour: number, shifts: readonly number[]): void {
  const [bright = 0, contrasted = 0, saturated = 0, hue = 0] = shifts.map((value) => (2 * value - 1) * colour);
  const brightness = 1 + 0.4 * bright;
  const contrast = 1 + 0.4 * contrasted;
  const mean = brightness * (view.reduce((sum, value) => sum + value, 0) / view.length + 1);
  for (let i = 0; i < view.length; i++) {
    view[i] = contrast * (brightness * ((view[i] as number) + 1) - mean) + mean - 1;
  }
  mixColours(view, product(hueRotation(0.1 * hue * 2 * Math.PI), saturation(1 + 0.2 * saturated)));
}

type Row = readonly [number, number, number];
type Matrix = readonly Row[];
const LUMA = [0.299, 0.587, 0.114] as const;
const AXES = [0, 1, 2] as const;

/** Towards (below 1) or away from (above 1) each pixel's own grey. */
const saturation = (factor: number): Matrix =>
  AXES.map((row): Row => {
    const entry = (column: 0 | 1 | 2) => (1 - factor) * LUMA[column] + (row === column ? factor : 0);
    return [entry(0), entry(1), entry(2)];
  });

/** Turns colours about the grey axis (Rodrigues' formula). */
function hueRotation(angle: number): Matrix {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle) / Math.sqrt(3)];
  const [same, next, last] = [cos + (1 - cos) / 3, (1 - cos) / 3 - sin, (1 - cos) / 3 + sin];
  return [
    [same, next, last],
    [last, same, next],
    [next, last, same],
  ];
}

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row): Row => {
    const entry = (column: 0 | 1 | 2) => AXES.reduce<number>((sum, k) => sum + row[k] * (b[k]?.[column] ?? 0), 0);
    return [entry(0), entry(1), entry(2)];
  });

function mixColours(view: Float32Array, matrix: Matrix): void {
  const plane = view.length / 3;
  for (let i = 0; i < plane; i++) {
    const [red, green, blue] = [view[i] as number, view[plane + i] as number, view[2 * plane + i] as number];
    for (const c of AXES) {
      const [r, g, b] = matrix[c] as Row;
      view[c * plane + i] = r * red + g * green + b * blue;
    }
  }
}

/** A binomial blur of 3 x 3 pixels; the border repeats. */
function soften(view: Float32Array, channels: number, size: number): void {
  const before = new Float32Array(size * size);
  for (let c = 0; c < channels; c++) {
    const plane = view.subarray(c * size * size, (c + 1) * size * size);
    for (const [line, step] of [
      [size, 1],
      [1, size],
    ] as const) {
      before.set(plane);
      for (let i = 0; i < size; i++) {
        for (let k = 0; k < size; k++) {
          const at = (position: number) =>
            before[i * line + Math.min(Math.max(position, 0), size - 1) * step] as number;
          plane[i * line + k * step] = (at(k - 1) + 2 * at(k) + at(k + 1)) / 4;
        }
      }
    }
  }
}
