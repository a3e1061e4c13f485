import type { StageContext } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, equal, less, matMul, reshape, transpose, where } from "@distillery/shared/onnx/ops";
import { axisWeights } from "../../model/resample";

const PROBABILITY = 0.5;

/**
 * Images [B, C, H, W] larger than `size`, brought to `size` x `size`: with probability 0.5, drawn once for the whole batch,
 * a random square is cut out; else the image is shrunk by area. Smaller images stay as they are. Either way it is one
 * matrix per side.
 */
export function cropOrShrink(x: Tensor, size: number, name: string, context: StageContext): Tensor {
  const [height = 1, width = 1] = x.shape.slice(2);
  if (size === 0 || height < size || width < size || (height === size && width === size)) return x;
  const cuts = less(context.random(`${name}.crop`, { kind: "uniform", low: 0, high: 1 }, [1]), PROBABILITY);
  const along = (what: string, from: number): Tensor => {
    const first = context.random(`${name}.${what}`, { kind: "integer", low: 0, high: from - size }, [1]);
    return where(reshape(cuts, [1, 1]), selection(first, from, size), shrinking(x, from, size));
  };
  return matMul(matMul(along("cropY", height), x), transpose(along("cropX", width)));
}

const shrinking = ({ graph }: Tensor, from: number, size: number): Tensor =>
  graph.constant(axisWeights(from, size, "area"), [size, from]);

/** [size, from]: row i takes position first + i. */
function selection(first: Tensor, from: number, size: number): Tensor {
  const { graph } = first;
  const count = (n: number) => Array.from({ length: n }, (_, i) => i);
  const rows = add(graph.constant(count(size), [size, 1]), reshape(cast(first, "float32"), [1, 1]));
  return cast(equal(graph.constant(count(from), [1, from]), rows), "float32");
}
