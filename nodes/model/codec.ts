import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { add, clip, div, exp, expand, mul, reduceMean, split, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { type ModelFile, modelFile } from "./file";
import { CLIP_RANK, foldFrames, unfoldFrames } from "./frames";

const file = z.string().max(200).default("");

/** The autoencoder of a latent diffusion model, both halves from ONNX files (Rombach et al. 2022; methods.md 1.1). */
export const codec = defineNode({
  type: "model/codec",
  version: 1,
  title: "Latent codec (VAE)",
  family: "model",
  help:
    "Lets states live in the latents of a model such as Stable Diffusion. Wire it into the Start, which then encodes its pictures, and " +
    "into whatever looks at pixels: discriminators, rewards, samplers, image grids. Both halves stay frozen; gradients flow through the decoder.",
  formula: "z = (E(x) − shift) · factor,  x = D(z / factor + shift)",
  source: "Rombach et al. 2022, latent diffusion; Kingma & Welling 2014 (the encoder's mean and variance)",
  inputs: {},
  outputs: { codec: wire.codec },
  params: z.object({
    encoder: file.meta({
      title: "Encoder",
      description: "An ONNX file from pictures to latents, or to their mean and log variance (twice the channels).",
      widget: "model",
    }),
    decoder: file.meta({ title: "Decoder", description: "An ONNX file from latents to pictures.", widget: "model" }),
    scalingFactor: z.number().positive().max(1000).default(0.18215).meta({
      title: "Scaling factor",
      description: "Brings latents to unit variance: 0.18215 for Stable Diffusion 1 and 2, 0.13025 for SDXL.",
      step: 0.00001,
    }),
    shift: z.number().min(-1000).max(1000).default(0).meta({
      title: "Shift",
      description: "Taken off before scaling: 0 for Stable Diffusion 1, 2 and SDXL; 0.0609 for SD3.",
      step: 0.0001,
    }),
    downscale: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(8)
      .meta({ title: "Downscale", description: "A latent is so many times smaller on each side.", unit: "x" }),
    channels: z.number().int().min(1).max(256).default(4).meta({
      title: "Channels",
      description: "Of a latent: 4 for Stable Diffusion and SDXL, 16 for SD3.",
    }),
    posterior: z.enum(["sample", "mean"]).default("sample").meta({
      title: "Latents are",
      description:
        "Where the encoder gives mean and log variance: drawn anew from them, as the training scripts do, or the mean.",
      advanced: true,
    }),
  }),
  emit(_inputs, { scalingFactor, shift, downscale, channels, posterior, ...files }, context) {
    const { title } = context;
    const [encoder, decoder] = (["encoder", "decoder"] as const).map((half) =>
      modelFile(files[half], false, context, half),
    ) as [ModelFile, ModelFile];
    let draws = 0;
    const encodePictures = (images: Tensor): Tensor => {
      const [batch = 1, , height = 0, width = 0] = images.shape;
      if (images.rank !== 4 || height % downscale !== 0 || width % downscale !== 0) {
        context.fail(
          `"${title}" takes pictures whose sides are multiples of ${downscale}, but gets ${formatShape(images.shape)}.`,
          undefined,
          "codec-mismatch",
        );
      }
      const shape = [batch, channels, height / downscale, width / downscale] as const;
      const z = applied(encoder, images, { shape, mayBeMoments: true }, context);
      if (z.shape[1] === channels) return z;
      const [mean, logVariance] = split(z, { axis: 1, split: [channels, channels] }) as [Tensor, Tensor];
      if (posterior === "mean") return mean;
      const deviation = exp(mul(clip(logVariance, { min: -30, max: 20 }), 0.5));
      return add(mean, mul(deviation, context.random(`posterior.${draws++}`, { kind: "normal" }, shape)));
    };
    const decodeLatents = (latents: Tensor): Tensor => {
      const [batch = 1, , height = 0, width = 0] = latents.shape;
      const shape = [batch, 3, height * downscale, width * downscale];
      return applied(decoder, latents, { shape, mayBeMoments: false }, context);
    };
    return {
      codec: {
        title,
        downscale,
        channels,
        encode: (images) => stopGradient(mul(sub(perPicture(images, encodePictures), shift), scalingFactor)),
        decode: (latents) => perPicture(add(div(latents, scalingFactor), shift), decodeLatents),
      },
    };
  },
});

/** Frames of clips go through the networks as pictures. */
const perPicture = (x: Tensor, apply: (pictures: Tensor) => Tensor): Tensor =>
  x.rank === CLIP_RANK ? unfoldFrames(apply(foldFrames(x)), x.shape[1] as number) : apply(x);

interface Expected {
  readonly shape: readonly number[];
  /** Mean and log variance, one after the other along the channels, will do, too. */
  readonly mayBeMoments: boolean;
}

/** The file's first output of its only input, refusing another shape than the codec's rule says. */
function applied(
  { info, apply }: ModelFile,
  x: Tensor,
  { shape, mayBeMoments }: Expected,
  context: StageContext,
): Tensor {
  const [input, ...others] = info.inputs;
  if (input === undefined || others.length > 0) {
    return context.fail(
      `"${info.name}" has ${info.inputs.length} inputs; half a codec takes one.`,
      undefined,
      "codec-mismatch",
    );
  }
  const [found] = apply(new Map([[input.name, x]])).values();
  const [batch = 1, channels = 1, ...sides] = shape;
  const moments = [batch, 2 * channels, ...sides];
  // Where files cannot be imported, free sizes of outputs are not known: then they are as the rule says.
  const declared = info.outputs[0]?.shape ?? [];
  const said = (wanted: readonly number[]) => declared.every((d, axis) => typeof d !== "number" || d === wanted[axis]);
  const isStandIn = context.resources.importedModel === undefined;
  const fits = (wanted: readonly number[]) => (isStandIn ? said(wanted) : found?.shape.join() === wanted.join());
  const wanted = fits(shape) ? shape : mayBeMoments && fits(moments) ? moments : undefined;
  if (found === undefined || wanted === undefined) {
    return context.fail(
      `"${info.name}" gives ${found === undefined ? "nothing" : formatShape(found.shape)} for ${formatShape(x.shape)}, ` +
        `but by the codec's downscale and channels it should be ${formatShape(shape)}.`,
      undefined,
      "codec-mismatch",
    );
  }
  return isStandIn ? expand(reduceMean(found, { keepdims: false }), wanted) : found;
}
