/** The JSON beside an exported network: all that a program needs to sample with it (example/sample.mjs does). */
import type { ExportedNetwork } from "@distillery/shared/graph/node";
import { z } from "zod";
import { evenNodes, stdNodes } from "../evaluate/gridNodes";
import { nodesAround } from "../time/offGrid";

/** Numbers of evaluations that get a recommendation. */
const RECOMMENDED = [8, 6, 4];

export const sidecarSchema = z.object({
  format: z.literal("distillery-network"),
  version: z.literal(1),
  title: z.string(),
  sample: z.object({
    /** One sample without the batch: [channels, height, width] or [2]. */
    shape: z.array(z.number().int()),
    /** Of pictures: how bytes become numbers. */
    image: z
      .object({ colours: z.literal("RGB"), layout: z.literal("CHW"), range: z.tuple([z.number(), z.number()]) })
      .optional(),
  }),
  /** Names by index, for the inputs `class` and `content`; the number of names itself means unknown. */
  labels: z.object({ class: z.array(z.string()).optional(), content: z.array(z.string()).optional() }),
  schedule: z.object({
    /**
     * The input `t` takes 0 .. timesteps - 1; x_t = sqrt(abar) x0 + sqrt(1 - abar) eps. In rectified flow (`space` "rf")
     * there is no table, `t` takes 0 .. timesteps and x_t = (1 - t / timesteps) x0 + t / timesteps eps.
     */
    space: z.literal("rf").optional(),
    timesteps: z.number().int(),
    alphasCumprod: z.array(z.number()).optional(),
    /** What the network predicted in training; the file gives predX0 and eps whatever it was. */
    predictionType: z.enum(["epsilon", "sample", "v_prediction"]),
  }),
  /** Where paths begin: the share of the noise, and the timestep it comes to. */
  start: z.object({ eta: z.number(), timestep: z.number().int() }),
  sampler: z.object({
    /** x_s = sqrt(abar_s) predX0 + sqrt(1 - abar_s) eps along these timesteps, the start first. */
    kind: z.literal("ddim"),
    timesteps: z.record(z.string(), z.array(z.number().int())),
    /** w in c + w (c - u), the prediction with and without the labels; 0: no second evaluation. */
    guidanceScale: z.number(),
    /** What the input `w` takes, the scale that the network is told instead; absent where it has no such input. */
    w: z.number().optional(),
  }),
});
export type Sidecar = z.output<typeof sidecarSchema>;

export function sidecarOf(network: ExportedNetwork): Sidecar {
  const { title, sampleShape, schedule, labels, dataset } = network;
  // Latents have more channels than colours.
  const isPicture = sampleShape.length === 3 && (sampleShape[0] as number) <= 3;
  const { space, timesteps, alphasCumprod, predictionType } = schedule;
  const level = space === "rf" ? ({ space } as const) : { alphasCumprod: Array.from(alphasCumprod) };
  const startNode = startOf(network);
  const eta = etaOf(network, startNode);
  const paths = RECOMMENDED.filter((nfe) => nfe <= startNode).map((nfe) => [
    String(nfe),
    pathOf(network, startNode, eta, nfe),
  ]);
  return {
    format: "distillery-network",
    version: 1,
    title,
    sample: {
      shape: [...sampleShape],
      ...(isPicture ? { image: { colours: "RGB", layout: "CHW", range: [-1, 1] } } : {}),
    },
    labels: {
      ...(labels.class === undefined ? {} : { class: [...(dataset?.classes ?? [])] }),
      ...(labels.content === undefined ? {} : { content: [...(dataset?.contents ?? [])] }),
    },
    schedule: { timesteps, ...level, predictionType },
    start: { eta, timestep: Math.round(schedule.timestepOf(startNode)) },
    sampler: { kind: "ddim", timesteps: Object.fromEntries(paths), ...guidanceOf(network) },
  };
}

const trainedStart = ({ training }: ExportedNetwork) =>
  training.find(({ type }) => type === "data/start")?.params ?? {};

/** Where training starts; of a network trained on the whole schedule, where the graph's own paths do. */
function startOf(network: ExportedNetwork): number {
  const { samplers, schedule } = network;
  const own = samplers.flatMap(({ paths }) =>
    paths.map(({ timesteps }) => nodesAround(schedule, timesteps[0] ?? 0).above),
  );
  return trainedStart(network).time === "grid" && own.length > 0 ? Math.max(...own) : network.startNode;
}

/** As the Start of the training stage says; its index is rounded, so it does not follow from the node alone. */
function etaOf(network: ExportedNetwork, startNode: number): number {
  const { eta, time } = trainedStart(network);
  return typeof eta === "number" && time !== "grid" ? eta : (startNode - 1) / network.schedule.nodes;
}

/** The timesteps the graph itself samples along with so many steps; else STD's published ones, else evenly spaced nodes. */
function pathOf({ samplers, schedule }: ExportedNetwork, start: number, eta: number, steps: number): readonly number[] {
  const own = samplers
    .filter(({ params }) => params.solver === "ddim" && params.ddimEta === 0)
    .flatMap(({ paths }) => paths)
    .filter(({ timesteps }) => timesteps.every(Number.isInteger))
    .find(({ timesteps }) => timesteps.length === steps + 1 && timesteps[0] === schedule.timestepOf(start));
  if (own !== undefined) return own.timesteps;
  const { timesteps, nodes } = schedule;
  const path = stdNodes({ start, timesteps, nodes, eta, steps }) ?? evenNodes(start, steps);
  return path.map((node) => Math.round(schedule.timestepOf(node)));
}

/** Of the graph's first sampler that uses the network. Paths have their scale in the Imagen form, whatever form it was given in. */
function guidanceOf({ samplers }: ExportedNetwork): { guidanceScale: number; w?: number } {
  const [sampler] = samplers;
  const w = (sampler?.paths[0]?.guidanceScale ?? 1) - 1;
  return sampler?.params.guidance === "embedded" ? { guidanceScale: 0, w } : { guidanceScale: w };
}
