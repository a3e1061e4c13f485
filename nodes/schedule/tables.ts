/** Tables of discrete variance-preserving schedules (Ho et al. 2020; Nichol & Dhariwal 2021), as plain arrays. */

export const BETA_CURVES = ["scaled_linear", "linear", "cosine"] as const;
export type BetaCurve = (typeof BETA_CURVES)[number];

export interface BetaOptions {
  readonly curve: BetaCurve;
  /** T */
  readonly timesteps: number;
  /** Endpoints of the linear curves; the cosine curve has none. */
  readonly betaStart: number;
  readonly betaEnd: number;
}

/** `count` evenly spaced values computed in float32 from both ends, as the published tables were made. */
const float32Line = (count: number) => (from: number, to: number, i: number) => {
  const [start, end] = [Math.fround(from), Math.fround(to)];
  const step = Math.fround(Math.fround(end - start) / (count - 1));
  return Math.fround(i < count / 2 ? start + Math.fround(step * i) : end - Math.fround(step * (count - 1 - i)));
};

/** beta_t for t = 0..T-1, float32. */
export function betasOf({ curve, timesteps, betaStart, betaEnd }: BetaOptions): Float32Array {
  const line = float32Line(timesteps);
  /** f(r) of Nichol & Dhariwal 2021, eq. 17. */
  const f = (r: number) => Math.cos((((r + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return Float32Array.from({ length: timesteps }, (_, t) => {
    switch (curve) {
      case "linear":
        return line(betaStart, betaEnd, t);
      case "scaled_linear":
        return line(Math.sqrt(betaStart), Math.sqrt(betaEnd), t) ** 2;
      case "cosine":
        return Math.min(1 - f((t + 1) / timesteps) / f(t / timesteps), 0.999);
    }
  });
}

/**
 * abar_t = prod_{i<=t} (1 - beta_i): 1 - beta in float32, the product accumulated in float64, each element rounded to
 * float32. A float32 running product shifts large noise levels by 5e-7 relative.
 */
export function alphasCumprodOf(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => {
    product *= Math.fround(1 - beta);
    return product;
  });
}

/** Rescales the table so that abar_{T-1} = 0 and abar_0 stays (Lin et al. 2024, algorithm 1). */
export function rescaleZeroTerminalSnr(alphasCumprod: Float32Array): Float32Array {
  const roots = Array.from(alphasCumprod, Math.sqrt);
  const first = roots[0] as number;
  const last = roots[roots.length - 1] as number;
  return Float32Array.from(roots, (root) => (((root - last) * first) / (first - last)) ** 2);
}

/** Timestep of solver node n: node 0 is timestep 0, node n is n*k - 1 with stride k = T / N. */
export const timestepOfNode = (node: number, timesteps: number, nodes: number): number =>
  node === 0 ? 0 : node * Math.floor(timesteps / nodes) - 1;
