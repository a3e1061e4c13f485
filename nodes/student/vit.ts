import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, gemm, pad, reshape, resize, slice, transpose } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { encoderParams, requireImages, type Sight, trainableEncoder } from "./encoder";
import { fanIn } from "./layers/initialise";
import { layerNorm } from "./layers/layerNorm";
import { toPatches } from "./layers/patches";
import { transformerBlock } from "./layers/transformerBlock";
import { networkTerms } from "./terms";

const params = z.object({
  imageSize: z.number().int().min(0).max(1024).default(0).meta({
    title: "Image size",
    description: "Images are resized to this width and height first; 0: the size of the data set's images.",
    unit: "px",
  }),
  anySize: z.boolean().default(false).meta({
    title: "Keep other sizes",
    description:
      "Images of another size are not resized: they have more or fewer tokens, with positions interpolated between the learned ones. Small views then cost less, as in DINO.",
  }),
  patch: z.number().int().min(1).max(64).default(4).meta({
    title: "Patch",
    description: "Squares of this many pixels a side are one token each.",
    unit: "px",
  }),
  width: z
    .number()
    .int()
    .min(4)
    .max(2048)
    .default(96)
    .meta({ title: "Width", description: "Numbers per token.", step: 8 }),
  depth: z.number().int().min(1).max(48).default(4).meta({ title: "Depth", description: "Transformer blocks." }),
  heads: z.number().int().min(1).max(32).default(3).meta({ title: "Heads", description: "Attention heads." }),
  hooks: z.array(z.number().int().min(0).max(47)).max(48).default([1, 3]).meta({
    title: "Hooked blocks",
    description: "Blocks, counted from 0, whose tokens are given out as layers (DINOv2 discriminators: 2, 5, 8, 11).",
  }),
  ...encoderParams,
});
type Settings = z.output<typeof params>;

export const vit = defineNode({
  type: "student/vit",
  version: 1,
  title: "Vision transformer",
  family: "student",
  help:
    "An encoder to train: image patches and a class token through pre-norm transformer blocks. Gives hooked layers, an " +
    "embedding and, if asked, a classification of its data set's labels. Parameters are laid out as timm's.",
  formula: "z₀ = [cls; patches] + pos;  z ← z + attn(LN z);  z ← z + MLP(LN z);  embedding = W LN(z_cls)",
  source: "Dosovitskiy et al. 2021; Somepalli et al. 2024 (CSD: projection of the pooled feature)",
  inputs: { dataset: wire.dataset.describe("Gives the size of an image and the labels.") },
  outputs: { weights: wire.weights },
  params,
  terms: networkTerms,
  emit({ dataset }, settings, context) {
    const [, height, width] = requireImages(dataset, context);
    const sides = settings.imageSize > 0 ? [settings.imageSize] : [height, width];
    const odd = sides.find((side) => side % settings.patch !== 0);
    if (odd !== undefined) context.fail(`Patches of ${settings.patch} pixels do not divide ${odd} pixels.`);
    if (settings.width % settings.heads !== 0) {
      context.fail(`${settings.heads} heads do not divide the width of ${settings.width}.`);
    }
    const beyond = settings.hooks.find((block) => block >= settings.depth);
    if (beyond !== undefined) {
      context.fail(`There is no block ${beyond} to hook; ${settings.depth} blocks are numbered from 0.`);
    }
    const size: Size = [sides[0] ?? height, sides[1] ?? sides[0] ?? width];
    return {
      weights: trainableEncoder(dataset, settings, context, (view, images) => {
        const isKept = settings.anySize && images.shape.slice(2).every((side) => side % settings.patch === 0);
        return look(view, isKept ? images : resized(images, size), size, settings);
      }),
    };
  },
});

type Size = readonly [height: number, width: number];

function look(view: ParameterView, images: Tensor, size: Size, { patch, width, depth, heads, hooks }: Settings): Sight {
  let h = tokensOf(view, images, size, patch, width);
  const seen: Tensor[] = [];
  for (let block = 0; block < depth; block++) {
    h = transformerBlock(view, `blocks.${block}`, h, heads);
    if (hooks.includes(block)) seen.push(h);
  }
  const count = h.shape[1] as number;
  const withoutClass = (tokens: Tensor) => slice(tokens, { starts: [1], ends: [count], axes: [1] });
  return {
    layers: seen.map((tokens) => transpose(withoutClass(layerNorm(view, "norm", tokens)), [0, 2, 1])),
    pooled: reshape(layerNorm(view, "norm", slice(h, { starts: [0], ends: [1], axes: [1] })), [-1, width]),
  };
}

/** [cls; patches] + positions: [B, C, H, W] -> [B, 1 + H W / patch^2, width]. Positions are learned for images of `size`. */
function tokensOf(view: ParameterView, images: Tensor, size: Size, patch: number, width: number): Tensor {
  const [batch, channels, height, across] = images.shape as [number, number, number, number];
  const grid = [height / patch, across / patch] as const;
  const count = grid[0] * grid[1];
  const pixels = channels * patch * patch;
  const rows = reshape(transpose(toPatches(images, patch), [0, 2, 3, 1]), [batch * count, pixels]);
  const kernel = view("patch_embed.proj.weight", { shape: [width, channels, patch, patch], init: fanIn(pixels) });
  const bias = view("patch_embed.proj.bias", { shape: [width], init: fanIn(pixels) });
  const patches = reshape(gemm(rows, reshape(kernel, [width, pixels]), bias, { transB: true }), [batch, count, width]);
  const cls = view("cls_token", { shape: [1, 1, width], init: { kind: "normal", std: 0.02 } });
  const learned = [size[0] / patch, size[1] / patch] as const;
  const tokens = 1 + learned[0] * learned[1];
  const positions = view("pos_embed", { shape: [1, tokens, width], init: { kind: "normal", std: 0.02 } });
  // An empty token in front of each image and the class token among the positions: nothing here knows the batch size.
  const added = add(interpolated(positions, learned, grid), pad(cls, [0, 0, 0, 0, count, 0]));
  return add(pad(patches, [0, 1, 0, 0, 0, 0]), added);
}

/** Positions [1, 1 + tokens of `from`, width] for another number of patches; the class token's stays (DINO). */
function interpolated(positions: Tensor, from: Size, to: Size): Tensor {
  if (from.join() === to.join()) return positions;
  const width = positions.shape[2] as number;
  const part = (start: number, end: number) => slice(positions, { starts: [start], ends: [end], axes: [1] });
  const plane = transpose(reshape(part(1, 1 + from[0] * from[1]), [1, ...from, width]), [0, 3, 1, 2]);
  const flat = reshape(transpose(resized(plane, to), [0, 2, 3, 1]), [1, to[0] * to[1], width]);
  return concat([part(0, 1), flat], { axis: 1 });
}

/** Bilinear, as PyTorch's interpolate without align_corners. */
function resized(images: Tensor, [height, width]: Size): Tensor {
  const [, , rows, columns] = images.shape as [number, number, number, number];
  if (rows === height && columns === width) return images;
  const scales = [1, 1, scaleTo(rows, height), scaleTo(columns, width)];
  return resize(images, { scales, mode: "linear", coordinateMode: "pytorch_half_pixel" });
}

/** A float32 factor that really leads to `to`: ONNX rounds its product with `from` down. */
function scaleTo(from: number, to: number): number {
  const scale = Math.fround(to / from);
  const reached = Math.min(from * scale, Math.fround(from * scale));
  return reached < to ? Math.fround((to + 0.0005) / from) : scale;
}
