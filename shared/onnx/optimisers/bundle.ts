import type { Tensor } from "../graph";
import { concat, split } from "../ops";

/** Tensors that are treated as one. */
export interface Bundle {
  /** Indices of the members. */
  readonly members: readonly number[];
  /** What belongs to the members, one after the other; `of` tells it by index. */
  join(of: (index: number) => Tensor): Tensor;
  /** The members again, in their order. */
  part(joined: Tensor): readonly Tensor[];
}

/** WebGPU promises eight buffers to a shader: one is read, the others are the parts. */
const MOST = 7;

/**
 * Vectors a few at a time, every other tensor by itself. A network has dozens of biases and scales, and an operation on
 * so few numbers costs its call, not its work.
 */
export function bundleVectors(shapes: readonly (readonly number[])[]): Bundle[] {
  const isVector = (i: number) => shapes[i]?.length === 1;
  const indices = shapes.map((_, i) => i);
  const vectors = indices.filter(isVector);
  const few = Array.from({ length: Math.ceil(vectors.length / MOST) }, (_, k) =>
    vectors.slice(k * MOST, (k + 1) * MOST),
  );
  const others = indices.filter((i) => !isVector(i)).map((i) => [i]);
  return [...others, ...few].map((members) => bundleOf(members, shapes));
}

function bundleOf(members: readonly number[], shapes: readonly (readonly number[])[]): Bundle {
  const [only, second] = members;
  if (only !== undefined && second === undefined) return { members, join: (of) => of(only), part: (one) => [one] };
  const lengths = members.map((i) => shapes[i]?.[0] as number);
  return {
    members,
    join: (of) => concat(members.map(of), { axis: 0 }),
    part: (joined) => split(joined, { axis: 0, split: lengths }),
  };
}
