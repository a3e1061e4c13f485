/** Differentiable augmentation (Zhao et al. 2020): what the discriminator sees varies, and the gradient flows through it. */
import type { Distribution, StageContext } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  and,
  cast,
  equal,
  greaterOrEqual,
  less,
  matMul,
  mul,
  reduceMean,
  reshape,
  sub,
  transpose,
} from "@distillery/shared/onnx/ops";

export interface AugmentOptions {
  /** Brightness, saturation and contrast. */
  readonly colour: boolean;
  /** Largest shift, as a share of each side. */
  readonly translation: number;
  /** Side of the square that is blanked, as a share of each side. */
  readonly cutout: number;
}

/**
 * Images [B, C, H, W] varied sample by sample, in the order of the reference: brightness + U[-0.5, 0.5], saturation
 * U[0, 2] about the mean of a pixel's channels, contrast U[0.5, 1.5] about the mean of the image, translation with zeros
 * coming in, a square set to zero. `name` tells the draws of several uses apart.
 */
export function diffAug(x: Tensor, name: string, options: AugmentOptions, context: StageContext): Tensor {
  const [batch = 1, , height = 1, width = 1] = x.shape;
  const draw = (what: string, distribution: Distribution) =>
    reshape(cast(context.random(`${name}.${what}`, distribution, [batch]), "float32"), [batch, 1, 1, 1]);
  const uniform = (what: string, low: number, high: number) => draw(what, { kind: "uniform", low, high });
  const integer = (what: string, low: number, high: number) => draw(what, { kind: "integer", low, high });
  let y = x;
  if (options.colour) {
    y = add(y, uniform("brightness", -0.5, 0.5));
    y = about(y, reduceMean(y, { axes: [1] }), uniform("saturation", 0, 2));
    y = about(y, reduceMean(y, { axes: [1, 2, 3] }), uniform("contrast", 0.5, 1.5));
  }
  const shifts = [height, width].map((side) => rounded(side * options.translation)) as [number, number];
  if (Math.max(...shifts) > 0) {
    const [down, right] = shifts;
    const rows = shiftMatrices(integer("shiftY", -down, down), height);
    const columns = shiftMatrices(integer("shiftX", -right, right), width);
    y = matMul(matMul(rows, y), transpose(columns, [0, 1, 3, 2]));
  }
  const [tall, wide] = [height, width].map((side) => rounded(side * options.cutout)) as [number, number];
  if (tall > 0 && wide > 0) {
    // An even square has one more place to be: its centre lies between two pixels.
    const centre = (what: string, side: number, size: number) => integer(what, 0, side - (size % 2));
    const rows = covered(centre("cutoutY", height, tall), tall, height, [1, 1, height, 1]);
    const columns = covered(centre("cutoutX", width, wide), wide, width, [1, 1, 1, width]);
    y = mul(y, sub(1, mul(rows, columns)));
  }
  return y;
}

const rounded = (value: number): number => Math.floor(value + 0.5);

/** Spreads or narrows the distance to `centre`. */
const about = (x: Tensor, centre: Tensor, factor: Tensor): Tensor => add(mul(sub(x, centre), factor), centre);

/** [B, 1, n, n]: row i of the product with an image's rows is its row i + shift, or zeros beyond the border. */
function shiftMatrices(shift: Tensor, n: number): Tensor {
  const distances = Array.from({ length: n * n }, (_, k) => (k % n) - Math.floor(k / n));
  return cast(equal(shift.graph.constant(distances, [1, 1, n, n]), shift), "float32");
}

/** 1 where a square of `size` pixels around the centres [B, 1, 1, 1] lies along one side, 0 elsewhere; shaped [B, ...]. */
function covered(centre: Tensor, size: number, side: number, shape: readonly number[]): Tensor {
  const positions = centre.graph.constant(
    Array.from({ length: side }, (_, i) => i),
    shape,
  );
  const first = sub(centre, Math.floor(size / 2));
  return cast(and(greaterOrEqual(positions, first), less(positions, add(first, size))), "float32");
}
