import { expr } from "@distillery/shared/graph/formula";
import type { ModelPort, UserModelInfo } from "@distillery/shared/graph/modelInfo";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { FeaturesValue, ParameterView } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { cast, layerNormalization, reduceMean, reshape, slice, transpose } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { type FileParts, modelFile } from "./file";
import { hookedValues, knownValues, LAYER_OUTPUT, requiredValues } from "./hooks";
import { NORMALISATIONS, normalised } from "./normalisation";
import { RESIZE_MODES, resample } from "./resample";

/** Of DINOv2's norms, where the file does not say. */
const EPSILON = 1e-6;

const params = z.object({
  model: z
    .string()
    .max(200)
    .default("bundled:features")
    .meta({ title: "Model", description: "A bundled or registered ONNX file.", widget: "encoder" }),
  hooks: z
    .array(z.string().min(1).max(300))
    .max(64)
    .default([])
    .meta({
      title: "Hooks",
      description:
        'Names of the layers that are looked at: outputs, inner values, modules such as "blocks.2", or patterns with *. ' +
        "None: the outputs layer.0, layer.1, ... of files trained here.",
    }),
  embedding: z
    .string()
    .max(300)
    .default("")
    .meta({
      title: "Embedding",
      description:
        'Output with one vector per image; empty: "embedding" if there is one, else the mean of the last layer, or, without ' +
        "layers, the first output.",
      advanced: true,
    }),
  size: z.number().int().min(0).max(4096).default(0).meta({
    title: "Size",
    description: "Images are resized to this width and height; 0: to the file's own, or not at all. 224 for DINOv2.",
    unit: "px",
  }),
  resize: z.enum(RESIZE_MODES).default("area").meta({
    title: "Resize by",
    description: "As PyTorch's interpolate: area averages, bilinear and bicubic interpolate.",
    advanced: true,
  }),
  normalisation: z
    .enum(NORMALISATIONS)
    .default("half")
    .meta({
      title: "Normalisation",
      description:
        "What the file wants for images from -1 to 1. half: just that, as files trained here; none: 0 to 1; imagenet (DINOv2) " +
        "and clip: 0 to 1, then their means and deviations.",
    }),
  dropClassToken: z.boolean().default(true).meta({
    title: "Drop class token",
    description: "Of hooked tokens [B, T, C], leave the first out. Other layers have none.",
  }),
  layerNorm: z.string().max(300).default("").meta({
    title: "Final LayerNorm",
    description: 'Module whose LayerNorm is applied to hooked tokens: "norm" for blocks of DINOv2. Empty: none.',
  }),
});
type Settings = z.output<typeof params>;

/** A frozen network that looks at images, from any ONNX file. */
export const encoder = defineNode({
  type: "model/encoder",
  version: 1,
  title: "Feature extractor",
  family: "model",
  help:
    "A frozen vision transformer or convolution network from an ONNX file, seen at several depths. For DINOv2 ViT-S/14: " +
    "size 224, hooks blocks.2, blocks.5, blocks.8, blocks.11, final LayerNorm norm, ImageNet normalisation.",
  formula: "images [B, C, H, W] in [−1, 1] → layers [B, channels, positions], embedding [B, D]",
  source: "Oquab et al. 2023 (DINOv2); Radford et al. 2021 (CLIP)",
  inputs: {},
  outputs: { weights: wire.weights },
  params,
  terms: (_inputs, _params, { name }) => ({ weights: { expr: expr(name("E")) } }),
  emit(_inputs, settings, context) {
    const { info, parameters, apply } = modelFile(settings.model, false, context);
    const input = imageInput(info, context);
    const extract = (images: Tensor, view: ParameterView = parameters): FeaturesValue => {
      const seen = prepared(images, input, info, settings, context);
      const chosen: Chosen = { layers: [], embedding: null, logits: [], parts: null };
      const values = apply(new Map([[input.name, seen]]), view, (parts) => {
        Object.assign(chosen, choose(parts, info, settings, context));
        return [
          ...new Set([...chosen.layers, ...chosen.logits, ...(chosen.embedding === null ? [] : [chosen.embedding])]),
        ];
      });
      const value = (name: string) => cast(values.get(name) as Tensor, "float32");
      const layers = chosen.layers.map((name) => channelsFirst(name, value(name), settings, chosen, view, context));
      const logits = Object.fromEntries(chosen.logits.map((name) => [name, value(name)]));
      return {
        layers,
        embedding:
          chosen.embedding === null
            ? reduceMean(layers.at(-1) as Tensor, { axes: [2], keepdims: false })
            : oneVector(chosen.embedding, value(chosen.embedding), context),
        ...(chosen.logits.length > 0 && { logits }),
      };
    };
    return {
      weights: {
        owner: context.nodeId,
        title: context.title,
        trainable: false,
        sampleShape: null,
        parameters,
        extract,
      },
    };
  },
});

function imageInput(info: UserModelInfo, context: StageContext): ModelPort {
  return (
    info.inputs.find(({ shape }) => shape.length === 4) ??
    context.fail(
      `"${info.name}" takes no images [B, C, H, W]; its inputs are ${info.inputs.map(({ name }) => name).join(", ")}.`,
      undefined,
      "not-an-encoder",
    )
  );
}

/** Images as the file wants them. */
function prepared(
  images: Tensor,
  { name, shape }: ModelPort,
  info: UserModelInfo,
  { size, resize, normalisation }: Settings,
  context: StageContext,
): Tensor {
  const [, channels, height, width] = shape;
  if (images.rank !== 4 || (typeof channels === "number" && images.shape[1] !== channels)) {
    context.fail(
      `"${info.name}" looks at images [B, ${channels}, height, width], but gets ${formatShape(images.shape)}.`,
      undefined,
      "shape-mismatch",
    );
  }
  const own = [height, width].find((side) => typeof side === "number" && size > 0 && side !== size);
  if (own !== undefined) {
    context.fail(
      `input "${name}" of "${info.name}" takes images of ${height} x ${width}, not of ${size}; set the size to 0.`,
      undefined,
      "shape-mismatch",
    );
  }
  const side = (axis: 2 | 3): number => {
    const fixed = shape[axis];
    return typeof fixed === "number" ? fixed : size || (images.shape[axis] as number);
  };
  return normalised(resample(images, [side(2), side(3)], resize), normalisation, context);
}

/** Names of the file's values that are used. */
interface Chosen {
  layers: string[];
  /** null: the mean of the last layer. */
  embedding: string | null;
  logits: string[];
  parts: FileParts | null;
}

function choose(parts: FileParts, info: UserModelInfo, settings: Settings, context: StageContext): Chosen {
  const { outputs, nodes } = parts;
  const asked = requiredValues(settings.hooks, parts, info, context);
  // Nothing is known of a file that was uploaded before outputs were kept, and is not imported here.
  const layers = asked.length === 0 && nodes === null && outputs.length === 0 ? ["layer.0"] : asked;
  const [embedding] = settings.embedding === "" ? [] : hookedValues([settings.embedding], parts);
  if (settings.embedding !== "" && embedding === undefined) {
    context.fail(
      `"${info.name}" has no embedding "${settings.embedding}"; it has ${knownValues(parts)}.`,
      undefined,
      "unknown-hook",
    );
  }
  return {
    layers,
    embedding:
      embedding ?? (outputs.includes("embedding") ? "embedding" : layers.length > 0 ? null : outputs[0]) ?? null,
    logits: ["class", "content"].filter((label) => outputs.includes(label)),
    parts,
  };
}

/** A layer as [B, channels, positions]: maps [B, C, H, W] are flattened, tokens [B, T, C] turned. */
function channelsFirst(
  name: string,
  layer: Tensor,
  { dropClassToken, layerNorm }: Settings,
  { parts }: Chosen,
  view: ParameterView,
  context: StageContext,
): Tensor {
  const [batch = 1, first = 1] = layer.shape;
  const isTokens = layer.rank === 3 && !LAYER_OUTPUT.test(name);
  if (layer.rank !== 3 && layer.rank !== 4) {
    context.fail(
      `"${name}" has shape ${formatShape(layer.shape)}; a hooked layer is [B, tokens, channels] or [B, channels, height, width].`,
      undefined,
      "shape-mismatch",
    );
  }
  if (!isTokens) return reshape(layer, [batch, first, -1]);
  const tokens = dropClassToken && first > 1 ? slice(layer, { starts: [1], ends: [first], axes: [1] }) : layer;
  const normed = layerNorm === "" ? tokens : finalNorm(layerNorm, tokens, parts, view, context);
  return transpose(normed, [0, 2, 1]);
}

function finalNorm(
  path: string,
  tokens: Tensor,
  parts: FileParts | null,
  view: ParameterView,
  context: StageContext,
): Tensor {
  const channels = tokens.shape.at(-1) as number;
  const read = (name: string): Tensor => {
    const stored = parts?.weights?.get(name);
    if (parts?.weights != null && stored?.shape.join() !== String(channels)) {
      const found = stored === undefined ? "has no weights" : `has weights ${formatShape(stored.shape)} called`;
      context.fail(
        `the file ${found} "${name}" to normalise tokens of ${channels} channels with; name its last LayerNorm.`,
        undefined,
        "unknown-norm",
      );
    }
    if (stored === undefined || stored.dtype === "float32")
      return view(name, { shape: [channels], init: { kind: "ones" } });
    const { graph } = tokens;
    const constant = `${context.nodeId}/${name}`;
    return cast(
      graph.values.get(constant) ?? graph.initializer(constant, stored.dtype, stored.shape, stored.load),
      "float32",
    );
  };
  return layerNormalization(tokens, read(`${path}.weight`), read(`${path}.bias`), { epsilon: epsilonOf(path, parts) });
}

/** What the file's own norm says; exporters before operator set 17 write it out, then it is what such models have. */
function epsilonOf(path: string, parts: FileParts | null): number {
  const norm = parts?.nodes?.find(
    ({ op, inputs }) =>
      op === "LayerNormalization" &&
      inputs.some((input) => input !== null && "value" in input && input.value === `${path}.weight`),
  );
  const epsilon = norm?.attributes.epsilon;
  return epsilon?.kind === "float" ? epsilon.value : EPSILON;
}

function oneVector(name: string, x: Tensor, context: StageContext): Tensor {
  const sizes = x.shape.slice(1).filter((d) => d !== 1);
  if (sizes.length <= 1 && x.rank >= 2) return reshape(x, [x.shape[0] as number, -1]);
  return context.fail(
    `the embedding "${name}" must be one vector per image, [B, D], but has shape ${formatShape(x.shape)}.`,
    undefined,
    "shape-mismatch",
  );
}
