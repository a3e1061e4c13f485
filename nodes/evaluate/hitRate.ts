/** Shares of hits over the steps between two reports: single batches are too small to say a percentage. */
import type { HostPart, StageContext } from "@distillery/shared/graph/node";
import type { MetricValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { mul, reduceSum } from "@distillery/shared/onnx/ops";
import { z } from "zod";

export const hitRateParams = {
  rows: z.number().int().min(1).max(4096).default(16).meta({
    title: "Images per step",
    description: "The first so many images of each batch are looked at; every one costs a forward pass.",
  }),
  every: z.number().int().min(1).max(1_000_000).default(100).meta({
    title: "Every",
    description: "The share is reported after that many steps, over all images looked at in between.",
    unit: "steps",
  }),
};

/** Hands hits and counted images of a step, both float32 [rows], to `hitRateHost`; the metric it records. */
export function emitHitRate(
  context: StageContext,
  { series, title }: Omit<MetricValue, "node">,
  hits: Tensor,
  counted: Tensor,
): MetricValue {
  const total = (x: Tensor) => reduceSum(x, { keepdims: false });
  context.output(`${series}.hits`, total(mul(hits, counted)));
  context.output(`${series}.counted`, total(counted));
  return { node: context.nodeId, series, title };
}

export function hitRateHost(every: number): HostPart {
  const sums: Record<string, number> = {};
  return {
    after(step, values, io) {
      for (const [name, { data }] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + Number(data[0]);
      if ((step + 1) % every !== 0) return;
      for (const name of Object.keys(sums).filter((each) => each.endsWith(".hits"))) {
        const series = name.slice(0, -".hits".length);
        const counted = sums[`${series}.counted`] ?? 0;
        if (counted > 0) io.metric(series, (sums[name] ?? 0) / counted);
      }
      for (const name of Object.keys(sums)) sums[name] = 0;
    },
    save: () =>
      Object.fromEntries(
        Object.entries(sums).map(([name, sum]) => [
          name,
          { dtype: "float32" as const, shape: [1], data: Float32Array.of(sum) },
        ]),
      ),
    load(state) {
      for (const [name, { data }] of Object.entries(state)) sums[name] = Number(data[0]);
    },
  };
}
