/** A checkpoint: every variable and host part, and how far the run has come, in one safetensors file. */
import { z } from "zod";
import type { HostTensors } from "../graph/node";
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from "./safetensors";

const FORMAT = "distillery-checkpoint";

/** What the summary needs of the steps before a run was stopped. */
export const historySchema = z.object({
  lossFirst: z.number().nullable(),
  metricsFirst: z.record(z.string(), z.number()),
  seconds: z.number(),
});
export type History = z.infer<typeof historySchema>;

export interface Checkpoint {
  readonly step: number;
  /** The stage of training it was written in, from 0. */
  readonly stage: number;
  readonly graphHash: string;
  readonly variables: HostTensors;
  /** Host parts by node. */
  readonly hosts: Readonly<Record<string, HostTensors>>;
  readonly history: History;
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors: HostTensors = {};
  for (const [name, tensor] of Object.entries(checkpoint.variables)) tensors[`variable:${name}`] = tensor;
  for (const [node, parts] of Object.entries(checkpoint.hosts)) {
    for (const [name, tensor] of Object.entries(parts)) tensors[`host:${node}:${name}`] = tensor;
  }
  return encodeSafetensors(tensors, {
    format: FORMAT,
    version: "1",
    step: String(checkpoint.step),
    stage: String(checkpoint.stage),
    graphHash: checkpoint.graphHash,
    history: JSON.stringify(checkpoint.history),
  });
}

export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.format !== FORMAT || metadata.version !== "1") {
    throw new SafetensorsError("This safetensors file is not a checkpoint of a run.");
  }
  const variables: HostTensors = {};
  const hosts: Record<string, HostTensors> = {};
  for (const [key, tensor] of Object.entries(tensors)) {
    const [kind, first = "", ...rest] = key.split(":");
    if (kind === "variable") variables[key.slice("variable:".length)] = tensor;
    else if (kind === "host") hosts[first] = { ...hosts[first], [rest.join(":")]: tensor };
  }
  const step = Number(metadata.step);
  if (!Number.isSafeInteger(step) || step < 0) throw new SafetensorsError("The checkpoint has no valid step.");
  // Runs without stages wrote none.
  const stage = Number(metadata.stage ?? 0);
  if (!Number.isSafeInteger(stage) || stage < 0) throw new SafetensorsError("The checkpoint has no valid stage.");
  const history = historySchema.parse(JSON.parse(metadata.history ?? "{}"));
  return { step, stage, graphHash: metadata.graphHash ?? "", variables, hosts, history };
}
