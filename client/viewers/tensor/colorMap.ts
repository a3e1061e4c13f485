/** Colours for numbers. All maps are perceptually uniform: equal steps of a value look like equal steps of colour. */

export const COLOR_MAPS = ["viridis", "balance", "grey"] as const;
export type ColorMapName = (typeof COLOR_MAPS)[number];

/** Values that are no numbers are never lost among the others. */
export const NAN_COLOR = [255, 0, 255] as const;
export const INF_COLOR = [0, 229, 255] as const;

type Rgb = readonly [number, number, number];
export const LEVELS = 256;

/** 256 colours of a map, as red, green and blue bytes one after another. */
export function colorTable(name: ColorMapName): Uint8Array {
  const known = tables.get(name);
  if (known) return known;
  const table = new Uint8Array(LEVELS * 3);
  for (let i = 0; i < LEVELS; i++) table.set(MAPS[name](i / (LEVELS - 1)).map(toByte), i * 3);
  tables.set(name, table);
  return table;
}
const tables = new Map<ColorMapName, Uint8Array>();

/** For style sheets: the map from left (low) to right. */
export function cssGradient(name: ColorMapName): string {
  const table = colorTable(name);
  const stops = Array.from({ length: 17 }, (_, i) => {
    const at = Math.round((i / 16) * (LEVELS - 1)) * 3;
    return `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/** From 0 (low) to 1 (high) to red, green, blue 0..1; may leave that range a little. */
const MAPS: Readonly<Record<ColorMapName, (t: number) => Rgb>> = {
  viridis: (t) => {
    const channel = (c: 0 | 1 | 2) => VIRIDIS.reduceRight((sum, term) => sum * t + term[c], 0);
    return [channel(0), channel(1), channel(2)];
  },
  /** Zero is light, both signs equally dark: for differences. */
  balance: (t) => {
    const strength = Math.abs(2 * t - 1);
    const [a, b] = t < 0.5 ? BLUE : RED;
    return fromOklab(0.96 - 0.5 * strength, a * strength, b * strength);
  },
  grey: (t) => [t, t, t],
};
const BLUE = [-0.03, -0.15] as const;
const RED = [0.155, 0.07] as const;

/** Polynomial through matplotlib's viridis (Smith & van der Walt 2015, CC0), fitted by Zucker (2019, CC0); lowest term first. */
const VIRIDIS: readonly Rgb[] = [
  [0.2777273272234177, 0.005407344544966578, 0.3340998053353061],
  [0.1050930431085774, 1.404613529898575, 1.384590162594685],
  [-0.3308618287255563, 0.214847559468213, 0.09509516302823659],
  [-4.634230498983486, -5.799100973351585, -19.33244095627987],
  [6.228269936347081, 14.17993336680509, 56.69055260068105],
  [4.776384997670288, -13.74514537774601, -65.35303263337234],
  [-5.435455855934631, 4.645852612178535, 26.3124352495832],
];

/** OKLab (Ottosson 2020) to sRGB. */
function fromOklab(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
const gamma = (linear: number): number => (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
const toByte = (value: number): number => Math.max(0, Math.min(255, Math.round(value * 255)));
