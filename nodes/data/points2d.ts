/** Two-dimensional toy distributions as pure functions of a random stream, scaled to roughly zero mean and unit variance. */

/** The draws that sampling needs; a `RandomStream` is one. */
export interface Draws {
  /** In [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

export interface GaussianMixtureParams {
  /** `ring`: `components` means on a circle; `grid`: the first `components` places of the smallest square grid. */
  layout: "ring" | "grid";
  components: number;
  /** Standard deviation of each component before standardising, where neighbouring grid means are 1 apart and the ring has radius 1. */
  std: number;
}

/** A mixture of isotropic Gaussians in the coordinates that `samplePoints` returns. */
export interface GaussianMixture {
  /** [components, 2] */
  means: Float64Array;
  /** Of every component, in both directions. */
  std: number;
  /** [components], adding up to 1. */
  weights: Float64Array;
}

export interface PointParams {
  "gaussian-mixture": GaussianMixtureParams;
  /** Normal noise of standard deviation `noise` on two half circles of radius 1. */
  "two-moons": { noise: number };
  /** Normal noise of standard deviation `noise` on a spiral whose outer radius is 1. */
  "swiss-roll": { noise: number; turns: number };
  /** Uniform on the dark fields of a `fields` x `fields` board. */
  checkerboard: { fields: number };
}

export type PointKind = keyof PointParams;

/**
 * The mixture in closed form, standardised: zero mean, average variance of the two coordinates 1.
 * @throws on a component count or a standard deviation that makes no mixture
 */
export function gaussianMixture({ layout, components, std }: GaussianMixtureParams): GaussianMixture {
  if (!Number.isInteger(components) || components < 1) {
    throw new Error(`A Gaussian mixture needs a whole number of components, at least 1; got ${components}.`);
  }
  if (!(std > 0) || !Number.isFinite(std)) throw new Error(`The components' std must be above 0; got ${std}.`);
  const places = layout === "ring" ? ring(components) : grid(components);
  const mean = [0, 1].map((axis) => places.reduce((sum, p) => sum + p[axis]!, 0) / components);
  const spread = places.reduce((sum, [x, y]) => sum + (x - mean[0]!) ** 2 + (y - mean[1]!) ** 2, 0) / (2 * components);
  const scale = 1 / Math.sqrt(spread + std * std);
  return {
    means: Float64Array.from(places.flatMap(([x, y]) => [(x - mean[0]!) * scale, (y - mean[1]!) * scale])),
    std: std * scale,
    weights: new Float64Array(components).fill(1 / components),
  };
}

function ring(components: number): [number, number][] {
  if (components === 1) return [[0, 0]];
  return Array.from({ length: components }, (_, k) => {
    const angle = (2 * Math.PI * k) / components;
    return [Math.cos(angle), Math.sin(angle)];
  });
}

function grid(components: number): [number, number][] {
  const side = Math.ceil(Math.sqrt(components));
  return Array.from({ length: components }, (_, k) => [k % side, Math.floor(k / side)]);
}

type Draw = (random: Draws) => [number, number];

/** One drawing function a kind; each returns standardised points. */
const kinds: { [K in PointKind]: (params: PointParams[K]) => Draw } = {
  "gaussian-mixture": (params) => {
    const { means, std, weights } = gaussianMixture(params);
    return (random) => {
      const k = Math.min(weights.length - 1, Math.floor(random.uniform() * weights.length));
      return [means[2 * k]! + std * random.normal(), means[2 * k + 1]! + std * random.normal()];
    };
  },
  "two-moons": ({ noise }) => {
    requireNoise(noise);
    // Upper arc (cos a, sin a), lower arc (1 - cos a, 1/2 - sin a): mean (1/2, 1/4) and the variances below.
    const scaleX = 1 / Math.sqrt(3 / 4 + noise * noise);
    const scaleY = 1 / Math.sqrt(9 / 16 - 1 / Math.PI + noise * noise);
    return (random) => {
      const upper = random.uniform() < 0.5;
      const angle = Math.PI * random.uniform();
      const x = upper ? Math.cos(angle) : 1 - Math.cos(angle);
      const y = upper ? Math.sin(angle) : 0.5 - Math.sin(angle);
      return [(x - 0.5 + noise * random.normal()) * scaleX, (y - 0.25 + noise * random.normal()) * scaleY];
    };
  },
  "swiss-roll": ({ noise, turns }) => {
    requireNoise(noise);
    if (!(turns > 0) || !Number.isFinite(turns)) throw new Error(`A swiss roll needs turns above 0; got ${turns}.`);
    const first = Math.PI / 2;
    const last = first + 2 * Math.PI * turns;
    const { mean, variance } = spiralMoments(first, last);
    const scale = 1 / Math.sqrt(variance + noise * noise);
    return (random) => {
      const angle = spiralAngle(first, last, random.uniform());
      const radius = angle / last;
      const x = radius * Math.cos(angle) - mean[0];
      const y = radius * Math.sin(angle) - mean[1];
      return [(x + noise * random.normal()) * scale, (y + noise * random.normal()) * scale];
    };
  },
  checkerboard: ({ fields }) => {
    if (!Number.isInteger(fields) || fields < 2) {
      throw new Error(`A checkerboard needs a whole number of fields a side, at least 2; got ${fields}.`);
    }
    const dark = Array.from(
      { length: fields * fields },
      (_, i) => [i % fields, Math.floor(i / fields)] as const,
    ).filter(([column, row]) => (column + row) % 2 === 0);
    const centre = fields / 2;
    const spread = dark.reduce((sum, [column]) => sum + (column + 0.5 - centre) ** 2, 0) / dark.length;
    const scale = 1 / Math.sqrt(spread + 1 / 12);
    return (random) => {
      const [column, row] = dark[Math.min(dark.length - 1, Math.floor(random.uniform() * dark.length))]!;
      return [(column + random.uniform() - centre) * scale, (row + random.uniform() - centre) * scale];
    };
  },
};

/** Angle at fraction `u` when the density is proportional to the radius, so that points are about evenly spaced along the roll. */
const spiralAngle = (first: number, last: number, u: number) =>
  Math.sqrt(first * first + u * (last * last - first * first));

/** Mean and average coordinate variance of the noiseless roll, by the midpoint rule. */
function spiralMoments(first: number, last: number): { mean: [number, number]; variance: number } {
  const steps = 4096;
  let x = 0;
  let y = 0;
  let square = 0;
  for (let i = 0; i < steps; i++) {
    const angle = spiralAngle(first, last, (i + 0.5) / steps);
    const radius = angle / last;
    x += (radius * Math.cos(angle)) / steps;
    y += (radius * Math.sin(angle)) / steps;
    square += (radius * radius) / steps;
  }
  return { mean: [x, y], variance: (square - x * x - y * y) / 2 };
}

function requireNoise(noise: number) {
  if (!(noise >= 0) || !Number.isFinite(noise)) throw new Error(`The noise must be 0 or more; got ${noise}.`);
}

/**
 * `count` independent points.
 * @returns [count, 2], zero mean and roughly unit variance
 * @throws when a parameter makes no distribution; the message names it
 */
export function samplePoints<K extends PointKind>(
  kind: K,
  params: PointParams[K],
  count: number,
  random: Draws,
): Float32Array {
  const draw = kinds[kind](params);
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) points.set(draw(random), 2 * i);
  return points;
}
