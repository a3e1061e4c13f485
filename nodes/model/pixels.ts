/** Where states meet pixels: pictures of states, and states of pictures, through the codec if one is wired. */
import { type StageContext, wire } from "@distillery/shared/graph/node";
import type { CodecValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";

/** The input of every node that looks at pixels of states, or makes states of pictures. */
export const codecInput = wire.codec.optional().describe("Where states are latents: the codec they were made with.");

const channelsOf = ({ shape, rank }: Tensor): number | undefined => shape[rank - 3];

/** Whether x [B, (F,) C, H, W] can be a latent of this codec. */
export const isLatent = (x: Tensor, codec: CodecValue): boolean => x.rank >= 4 && channelsOf(x) === codec.channels;

/** x as pixels, decoded where a codec is wired. */
export function pixelsOf(x: Tensor, codec: CodecValue | undefined, context: StageContext, socket: string): Tensor {
  requirePixels(x, codec, context, socket);
  return codec === undefined ? x : codec.decode(x);
}

/** Refuses a latent that nothing decodes, and what no latent of the codec is. */
export function requirePixels(x: Tensor, codec: CodecValue | undefined, context: StageContext, socket: string): void {
  const shape = formatShape(x.shape.slice(1));
  if (codec === undefined) {
    const channels = x.rank >= 4 ? channelsOf(x) : undefined;
    if (channels === undefined || channels <= 3) return;
    context.fail(
      `it looks at pictures, but gets ${channels} channels, ${shape}: latents. Wire the latent codec they were made with.`,
      socket,
      "latent-without-codec",
    );
  }
  if (isLatent(x, codec)) return;
  context.fail(
    `"${codec.title}" decodes latents of ${codec.channels} channels, but gets ${shape}. Wire the same codec into the Start, or none here.`,
    socket,
    "codec-mismatch",
  );
}

/** Shape of the pictures that `pixelsOf` makes of states of this shape. */
export const pixelShape = (shape: readonly number[], codec: CodecValue | undefined): readonly number[] => {
  if (codec === undefined) return shape;
  const [height = 0, width = 0] = shape.slice(-2);
  return [...shape.slice(0, -3), 3, height * codec.downscale, width * codec.downscale];
};
