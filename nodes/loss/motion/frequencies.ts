/** Slow or fast parts of a clip: a 3-D Fourier filter over (frame, row, column), as matrix products so that gradients flow. */
import type { Tensor } from "@distillery/shared/onnx/graph";
import { matMul, mul, reshape, sub } from "@distillery/shared/onnx/ops";

const ORDER = 4;
/** Cut-off as a share of the highest frequency, in space and in time. */
const CUT_OFF = 0.25;

/** Symmetric matrix cas(2 pi k n / N) = cos + sin (Hartley 1942); applied twice it is N times the identity. */
function hartley({ graph }: Tensor, size: number): Tensor {
  const values = Array.from({ length: size * size }, (_, at) => {
    const angle = (2 * Math.PI * ((Math.floor(at / size) * (at % size)) % size)) / size;
    return Math.cos(angle) + Math.sin(angle);
  });
  return graph.constant(values, [size, size]);
}

/** Distance of frequency `k` of `size` from zero, as a share of the highest. */
const share = (k: number, size: number): number => Math.min(k, size - k) / (size / 2);

/** 1 / (1 + (d^2 / cut-off^2)^4) with d the length of the vector of shares (Butterworth; Wu et al. 2024, FreeInit). */
export const butterworth = (shares: readonly number[]): number =>
  1 / (1 + (shares.reduce((sum, d) => sum + d * d, 0) / CUT_OFF ** 2) ** ORDER);

/**
 * Low frequencies of clips [B, F, C, H, W]. The filter is real and the same for k and -k along every axis, so the cosines
 * and sines of the Fourier transform may be taken together, one Hartley matrix per axis.
 */
export function lowFrequencies(clips: Tensor): Tensor {
  const [batch = 1, frames = 1, channels = 1, height = 1, width = 1] = clips.shape;
  const [alongF, alongH, alongW] = [hartley(clips, frames), hartley(clips, height), hartley(clips, width)];
  const overFrames = (x: Tensor) => reshape(matMul(alongF, reshape(x, [batch, frames, -1])), clips.shape);
  const transform = (x: Tensor) => overFrames(matMul(matMul(alongH, x), alongW));
  const mask = Array.from({ length: frames * height * width }, (_, at) => {
    const [f, h, w] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    return butterworth([share(f, frames), share(h, height), share(w, width)]) / (frames * height * width);
  });
  const kept = mul(transform(clips), clips.graph.constant(mask, [1, frames, 1, height, width]));
  return reshape(transform(kept), [batch, frames, channels, height, width]);
}

export const highFrequencies = (clips: Tensor): Tensor => sub(clips, lowFrequencies(clips));
