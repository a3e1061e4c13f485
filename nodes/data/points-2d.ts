import { defineNode, wire } from "@distillery/shared/graph/node";
import type { DatasetReader, GaussianMixture } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { z } from "zod";
import { indexedReader } from "./indexedReader";
import { gaussianMixture, samplePoints } from "./points2d";

/** Held-out points per training point. */
const HELD_OUT_SHARE = 0.15 / 0.85;

const params = z.object({
  shape: z.enum(["gaussian-mixture", "two-moons", "swiss-roll", "checkerboard"]).default("gaussian-mixture").meta({
    title: "Shape",
    description: "Only the Gaussian mixture has a closed form, which the Gaussian-mixture teacher needs.",
  }),
  samples: z.number().int().min(16).max(200_000).default(8192).meta({
    title: "Points",
    description: "Training points; further ones are drawn from a stream of their own and held out.",
  }),
  layout: z
    .enum(["ring", "grid"])
    .default("ring")
    .meta({ title: "Layout", description: "Mixture: where the components lie." }),
  components: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(8)
    .meta({ title: "Components", description: "Mixture: how many." }),
  std: z.number().positive().max(10).default(0.12).meta({
    title: "Component std",
    description: "Mixture: spread of each component; the ring has radius 1, places of the grid are 1 apart.",
    step: 0.01,
  }),
  noise: z.number().min(0).max(2).default(0.08).meta({
    title: "Noise",
    description: "Two moons and Swiss roll: standard deviation around the curve.",
    step: 0.01,
  }),
  turns: z
    .number()
    .positive()
    .max(10)
    .default(1.5)
    .meta({ title: "Turns", description: "Swiss roll: how often it winds.", step: 0.25 }),
  fields: z
    .number()
    .int()
    .min(2)
    .max(20)
    .default(4)
    .meta({ title: "Fields", description: "Checkerboard: fields a side." }),
});
type Params = z.output<typeof params>;

export const points2d = defineNode({
  type: "data/points-2d",
  version: 1,
  title: "2-D points",
  family: "data",
  help: "Points in the plane with zero mean and unit variance, from a distribution one can see. Good for watching whole trajectories.",
  inputs: {},
  outputs: { dataset: wire.dataset },
  params,
  emit(_inputs, settings, context) {
    const mixture = settings.shape === "gaussian-mixture" ? { mixture: closedForm(settings) } : {};
    return {
      dataset: {
        id: `points-2d:${JSON.stringify(settings)}`,
        title: context.title,
        sampleShape: [2],
        classes: [],
        trainCount: settings.samples,
        open: async (_resources, seed) => openPoints(settings, seed),
        ...mixture,
      },
    };
  },
});

function closedForm({ layout, components, std }: Params): GaussianMixture {
  const { means, std: scaled, weights } = gaussianMixture({ layout, components, std });
  return { means: Float32Array.from(means), std: scaled, weights: Float32Array.from(weights) };
}

/** Training points, then held-out ones: two streams that share no number. */
function openPoints(settings: Params, seed: number): DatasetReader {
  const heldOut = Math.max(1, Math.round(settings.samples * HELD_OUT_SHARE));
  const points = [
    draw(settings, settings.samples, seed, "points-2d:train"),
    draw(settings, heldOut, seed, "points-2d:heldOut"),
  ].flatMap((part) => Array.from(part));
  const samples = Array.from({ length: settings.samples + heldOut }, (_, i) => ({
    classIndex: -1,
    isHeldOut: i >= settings.samples,
  }));
  return indexedReader(samples, (i, out, offset) => out.set(points.slice(2 * i, 2 * i + 2), offset));
}

function draw(settings: Params, count: number, seed: number, stream: string): Float32Array {
  const random = randomStream(seed, stream, 0);
  const { noise, turns, fields } = settings;
  switch (settings.shape) {
    case "gaussian-mixture":
      return samplePoints("gaussian-mixture", settings, count, random);
    case "two-moons":
      return samplePoints("two-moons", { noise }, count, random);
    case "swiss-roll":
      return samplePoints("swiss-roll", { noise, turns }, count, random);
    case "checkerboard":
      return samplePoints("checkerboard", { fields }, count, random);
  }
}
