import type { ExportedNetwork, SamplerPath } from "@distillery/shared/graph/node";
import { describe, expect, it } from "vitest";
import { stableDiffusion } from "../testing/stage";
import { sidecarOf } from "./sidecar";

const network = (changes: Partial<ExportedNetwork>): ExportedNetwork => ({
  title: "Student",
  sampleShape: [2],
  schedule: stableDiffusion(),
  labels: {},
  dataset: null,
  startNode: 39,
  training: [{ type: "data/start", params: { eta: 0.75, time: "fixed" } }],
  samplers: [],
  ...changes,
});
/** A path of the Stable Diffusion grid, whose node n is timestep 20 n - 1. */
const along = (nodes: number[], guidanceScale?: number): SamplerPath => ({
  nodes,
  timesteps: nodes.map((node) => Math.max(20 * node - 1, 0)),
  nfe: nodes.length - 1,
  ...(guidanceScale !== undefined && { guidanceScale }),
});
const sampled = (guidance: string, guidanceScale: number) =>
  sidecarOf(network({ samplers: [{ params: { guidance }, paths: [along([39, 20, 0], guidanceScale)] }] })).sampler;

describe("the JSON beside an exported network", () => {
  it.each([
    // Paths have their scale in the Imagen form: 5 is w = 4.
    ["lcm", 5, { guidanceScale: 4 }],
    ["imagen", 5, { guidanceScale: 4 }],
    ["embedded", 5, { guidanceScale: 0, w: 4 }],
  ])("says w of the guidance %s", (form, scale, expected) => {
    const { guidanceScale, w } = sampled(form, scale);
    expect({ guidanceScale, ...(w !== undefined && { w }) }).toEqual(expected);
  });

  it("starts where the graph's own paths do, when training covers the whole schedule", () => {
    const training = [{ type: "data/start", params: { eta: 0.5, time: "grid" } }];
    const samplers = [{ params: { solver: "ddim", ddimEta: 0 }, paths: [along([39, 29, 20, 10, 0])] }];
    const { start, sampler } = sidecarOf(network({ startNode: 50, training, samplers }));
    expect(start).toEqual({ eta: 0.76, timestep: 779 });
    expect(sampler.timesteps["4"]).toEqual([779, 579, 399, 199, 0]);
    expect(sidecarOf(network({ startNode: 50, training })).start.timestep).toBe(999);
  });
});
