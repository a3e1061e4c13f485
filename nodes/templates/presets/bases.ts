/** The latent diffusion models that methods were published for: what all graphs on one of them have in common. */
import type { Params } from "@distillery/shared/graph/document";

export interface Base {
  readonly title: string;
  /** Pixels per side. */
  readonly size: number;
  /** Of clips. */
  readonly frames?: number;
  readonly schedule: Params;
  readonly codec: Params;
}

const STABLE_DIFFUSION: Params = {
  curve: "scaled_linear",
  betaStart: 0.00085,
  betaEnd: 0.012,
  predictionType: "epsilon",
};

export const BASE_NAMES = ["sd15", "sd21-base", "sdxl-512", "sdxl", "animatediff", "sdxl-video"] as const;

export const BASES: Readonly<Record<(typeof BASE_NAMES)[number], Base>> = {
  sd15: { title: "Stable Diffusion 1.5", size: 512, schedule: STABLE_DIFFUSION, codec: { scalingFactor: 0.18215 } },
  "sd21-base": {
    title: "Stable Diffusion 2.1 base",
    size: 512,
    schedule: STABLE_DIFFUSION,
    codec: { scalingFactor: 0.18215 },
  },
  sdxl: { title: "SDXL", size: 1024, schedule: STABLE_DIFFUSION, codec: { scalingFactor: 0.13025 } },
  "sdxl-512": { title: "SDXL at 512 px", size: 512, schedule: STABLE_DIFFUSION, codec: { scalingFactor: 0.13025 } },
  animatediff: {
    title: "AnimateDiff on Stable Diffusion 1.5",
    size: 512,
    frames: 16,
    schedule: { ...STABLE_DIFFUSION, curve: "linear" },
    codec: { scalingFactor: 0.18215 },
  },
  "sdxl-video": {
    title: "SDXL with motion modules",
    size: 512,
    frames: 8,
    schedule: STABLE_DIFFUSION,
    codec: { scalingFactor: 0.13025 },
  },
};
