/** Geometry of a scatter chart with error bars: axes, places of markers and of their labels. Pure. */

export const SHAPES = ["circle", "square", "triangle", "down", "pentagon", "cross"] as const;
export type Shape = "diamond" | (typeof SHAPES)[number];

export interface Span {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}
export interface ScatterPoint {
  readonly key: string;
  readonly x: Span;
  readonly y: Span;
  /** Stands beside the marker. */
  readonly label: string;
}
export interface ScatterSeries {
  readonly key: string;
  readonly title: string;
  readonly color: string;
  readonly shape: Shape;
  readonly isStrong: boolean;
  /** Joined by a line in this order. */
  readonly points: readonly ScatterPoint[];
}
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

/** An axis around all means and intervals, with ticks at 1, 2 or 5 times a power of ten. */
export function axisOf(spans: readonly Span[], wantedTicks: number): Axis {
  const values = spans.flatMap(({ mean, low, high }) => [mean, low, high]).filter(Number.isFinite);
  if (values.length === 0) return { min: 0, max: 1, ticks: [0, 0.5, 1] };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = high > low ? (high - low) * 0.1 : Math.abs(high) * 0.1 || 1;
  const [min, max] = [low - margin, high + margin];
  const step = niceStep((max - min) / Math.max(1, wantedTicks));
  const first = Math.ceil(min / step);
  const count = Math.floor(max / step) - first + 1;
  // Multiples of a step, not sums: no 0.30000000000000004.
  const ticks = Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { min, max, ticks };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const [nice = 10] = [1, 2, 5, 10].filter((each) => each * power >= rough * 0.999);
  return nice * power;
}

/** The same axis with its ends exchanged: where less is better, what is better still lies right and up. */
export const turned = ({ min, max, ticks }: Axis): Axis => ({ min: max, max: min, ticks });

export const place = ({ min, max }: Axis, from: number, to: number, value: number): number =>
  from + ((value - min) / (max - min)) * (to - from);

/** A marker of radius r around the origin as SVG path data; all of about the same area. */
export function shapePath(shape: Shape, r: number): string {
  const polygon = (corners: number, turn: number, size: number) =>
    `M${Array.from({ length: corners }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / corners;
      return `${(size * Math.cos(angle)).toFixed(2)} ${(size * Math.sin(angle)).toFixed(2)}`;
    }).join("L")}Z`;
  const up = -Math.PI / 2;
  switch (shape) {
    case "circle":
      return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case "square":
      return polygon(4, Math.PI / 4, r * 1.25);
    case "diamond":
      return polygon(4, 0, r * 1.35);
    case "triangle":
      return polygon(3, up, r * 1.4);
    case "down":
      return polygon(3, -up, r * 1.4);
    case "pentagon":
      return polygon(5, up, r * 1.15);
    case "cross": {
      const [a, b] = [(r * 0.4).toFixed(2), (r * 1.2).toFixed(2)];
      return `M-${a} -${b}H${a}V-${a}H${b}V${a}H${a}V${b}H-${a}V${a}H-${b}V-${a}H-${a}Z`;
    }
  }
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Around the size of 10 px text. */
export const textWidth = (text: string): number => text.length * 5.8;
const TEXT_HEIGHT = 11;
const GAP = 7;

/** Puts each label on the first free side of its marker; one that would lie on another is left out (null). */
export function placeLabels(
  marks: readonly { x: number; y: number; label: string }[],
  area: Box,
): readonly (Box | null)[] {
  const taken: Box[] = marks.map(({ x, y }) => ({ x: x - 5, y: y - 5, width: 10, height: 10 }));
  return marks.map(({ x, y, label }) => {
    const [width, height] = [textWidth(label), TEXT_HEIGHT];
    const sides = [
      { x: x + GAP, y: y - height - 1 },
      { x: x - GAP - width, y: y - height - 1 },
      { x: x + GAP, y: y + 1 },
      { x: x - GAP - width, y: y + 1 },
      { x: x - width / 2, y: y - height - GAP },
      { x: x - width / 2, y: y + GAP },
    ];
    const box = sides
      .map((side) => ({ ...side, width, height }))
      .find(
        (each) =>
          each.x >= area.x &&
          each.x + width <= area.x + area.width &&
          each.y >= area.y &&
          each.y + height <= area.y + area.height &&
          !taken.some((other) => overlap(each, other)),
      );
    if (box) taken.push(box);
    return box ?? null;
  });
}
