import { sizeOf, type Tensor } from "../graph";
import { concat, split } from "../ops";

/** Things with a tensor each, whose tensors are treated as one. */
export interface Bundle<T> {
  /** The members' tensors, one after the other; `of` tells a member's. */
  join(of: (member: T) => Tensor): Tensor;
  /** Every member with its part of a joined tensor. */
  part(joined: Tensor): readonly (readonly [member: T, part: Tensor])[];
}

/** WebGPU promises eight buffers to a shader: one is read, the others are the parts. */
const MOST = 7;

/**
 * Vectors a few at a time, every other tensor by itself. A network has dozens of biases and scales, and an operation on
 * so few numbers costs its call, not its work.
 */
export function bundleVectors<T>(all: readonly T[], shapeOf: (member: T) => readonly number[]): Bundle<T>[] {
  const isVector = (member: T) => shapeOf(member).length === 1;
  const vectors = all.filter(isVector);
  const few = Array.from({ length: Math.ceil(vectors.length / MOST) }, (_, k) =>
    vectors.slice(k * MOST, (k + 1) * MOST),
  );
  const alone = all.filter((member) => !isVector(member)).map((member) => [member]);
  return [...alone, ...few].map((members) => {
    const lengths = members.map((member) => sizeOf(shapeOf(member)));
    return {
      join: (of) => concat(members.map(of), { axis: 0 }),
      part(joined) {
        const parts = members.length === 1 ? [joined] : split(joined, { axis: 0, split: lengths });
        return members.map((member, i) => [member, parts[i]!] as const);
      },
    };
  });
}
