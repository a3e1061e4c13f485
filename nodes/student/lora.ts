import { expr, row } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ParameterSpec, ParameterView, WeightsValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, stopGradient } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { STAND_IN } from "../model/standIn";
import { type DryRun, dryExtract, dryPredict } from "./adapters/dryRun";
import { type Layer, layersOf } from "./adapters/layers";
import { adapted, adapterPaths, moduleOf, workIn } from "./adapters/lowRank";
import { chooseTargets, splitPatterns } from "./adapters/targets";
import { initFromParam, ownParameters } from "./network";

export const lora = defineNode({
  type: "student/lora",
  version: 1,
  title: "LoRA",
  family: "student",
  help:
    "A student that is the teacher with a small trained change: each chosen layer's weight W becomes W + (alpha / rank) B A, " +
    "and only A and B are trained. It starts exactly as the teacher, and both share the frozen weights.",
  formula: "W' = W + (α / r) B A,  B = 0 at the start",
  source: "Hu et al. 2022 (LoRA); PEFT (names and initial values); LCM-LoRA, STD (methods.md 3.5)",
  inputs: { weights: wire.weights.describe("The network to start from; it is not changed.") },
  outputs: { weights: wire.weights },
  params: z.object({
    rank: z.number().int().min(1).max(1024).default(16).meta({
      title: "Rank",
      description: "r: rows of A and columns of B. 64 is usual for large networks.",
    }),
    alpha: z.number().positive().max(10_000).default(16).meta({
      title: "Alpha",
      description: "The change is scaled by alpha / rank; equal to the rank, that is 1.",
    }),
    targets: z
      .string()
      .max(2000)
      .default("")
      .meta({
        title: "Layers",
        description:
          "Patterns of weight paths, separated by commas, * for anything: to_q, to_v, down.*. Empty: all linear and " +
          "convolution layers but the first, the last, and those that embed the time.",
      }),
    initFrom: initFromParam,
  }),
  terms(inputs, { rank, alpha }, { name, define }) {
    const theta = name("θ");
    define(theta, "=", row(inputs.get("weights")?.expr ?? "φ", " + ", rank === alpha ? "B A" : `${alpha}/${rank} B A`));
    return { weights: { expr: expr(theta) } };
  },
  merges: true,
  emit({ weights }, { rank, alpha, targets, initFrom }, context) {
    if (weights.adapter !== undefined)
      context.fail(`"${weights.title}" is a LoRA already; wire the network it starts from.`, "weights");
    const own = ownParameters(initFrom, context);
    const scale = alpha / rank;
    let chosen: ReadonlyMap<string, Layer> | undefined;

    const choose = (run: () => DryRun): ReadonlyMap<string, Layer> => {
      if (chosen !== undefined) return chosen;
      const dry = run();
      if (dry.weights.size === 0)
        context.fail(`"${weights.title}" has no weights to change: it is a closed form.`, "weights", "no-weights");
      if (dry.weights.has(STAND_IN)) return new Map();
      try {
        chosen = new Map(chooseTargets(layersOf(dry), splitPatterns(targets)).map((layer) => [layer.path, layer]));
      } catch (error) {
        context.fail(error instanceof Error ? error.message : String(error), "weights", "no-target");
      }
      return chosen ?? new Map();
    };

    const theirs: ParameterView = (path, spec) => {
      const frozen = weights.parameters(path, spec);
      return weights.trainable ? stopGradient(frozen) : frozen;
    };
    const changed = new WeakMap<ParameterView, Map<string, Tensor>>();
    /** The network's weights with the changes that `view` reads; made once for each view. */
    const throughAdapters = (view: ParameterView, layers: ReadonlyMap<string, Layer>): ParameterView => {
      const made = changed.get(view) ?? new Map<string, Tensor>();
      changed.set(view, made);
      return (path, spec) => {
        const known = made.get(path);
        if (known !== undefined) return known;
        const layer = layers.get(path);
        const base =
          context.isMerged && layer !== undefined ? mergedBase(weights, layer, spec, context) : theirs(path, spec);
        const tensor =
          path === STAND_IN
            ? add(base, view(path, spec))
            : layer === undefined
              ? base
              : named(adapted(base, layer, { rank, scale }, view), `${context.nodeId}/${path}`);
        made.set(path, tensor);
        return tensor;
      };
    };

    const { predict, features, extract } = weights;
    const value: WeightsValue = {
      ...weights,
      owner: context.nodeId,
      title: context.title,
      trainable: true,
      parameters: own,
      adapter: () => ({
        peft_type: "LORA",
        rank: String(rank),
        alpha: String(alpha),
        targets: JSON.stringify([...(chosen?.keys() ?? [])].map(moduleOf)),
        // It then fits no longer the network it was started from.
        ...(context.isMerged && { base: "merged" }),
      }),
      ...(predict && {
        predict: (x, condition, view = own) =>
          predict(
            x,
            condition,
            throughAdapters(
              view,
              choose(() => dryPredict(predict, x, condition)),
            ),
          ),
      }),
      ...(predict &&
        features && {
          features: (x, condition, hooks, view = own) =>
            features(
              x,
              condition,
              hooks,
              throughAdapters(
                view,
                choose(() => dryPredict(predict, x, condition)),
              ),
            ),
        }),
      ...(extract && {
        extract: (images, view = own) =>
          extract(
            images,
            throughAdapters(
              view,
              choose(() => dryExtract(extract, images)),
            ),
          ),
      }),
    };
    return { weights: value };
  },
});

/** A weight of the network with what earlier stages trained; itself where they trained nothing. */
function mergedBase(from: WeightsValue, layer: Layer, spec: ParameterSpec, context: StageContext): Tensor {
  // A file's weights come with their values; those of a network of this graph are copied, so it has to be there.
  if (spec.init.kind !== "data") from.parameters(layer.path, spec);
  const base = spec.init.kind === "data" ? spec.init : ({ kind: "copy", owner: from.owner, path: layer.path } as const);
  return context.variable(`merged.${layer.path}`, {
    shape: spec.shape,
    role: "base",
    init: {
      kind: "merged",
      base,
      paths: adapterPaths(layer.path),
      work(weight, [a, b], before) {
        const { rank, alpha } = scaling.parse(before);
        if (a !== undefined && b !== undefined) workIn(weight, [a, b], layer, { rank, scale: alpha / rank });
      },
    },
  });
}
const scaling = z.object({ rank: z.number(), alpha: z.number() });

/** Files keep the weight's own name once the change is worked into it. */
function named(tensor: Tensor, name: string): Tensor {
  const { graph, dtype, shape } = tensor;
  if (graph.values.has(name)) return tensor;
  const [result] = graph.add("Identity", [tensor], [{ dtype, shape, name }]);
  return result ?? tensor;
}
