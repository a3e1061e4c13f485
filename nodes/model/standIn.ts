/**
 * Where model files cannot be imported (in a browser, in the server's own process), graphs are checked with a stand-in:
 * outputs of the file's shapes that hang, with a gradient, on the inputs and on one weight. It never runs.
 */
import type { ModelPort, UserModelInfo } from "@distillery/shared/graph/modelInfo";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Graph, Tensor } from "@distillery/shared/onnx/graph";
import { add, expand, reduceMean, reshape } from "@distillery/shared/onnx/ops";

/** Path of its only weight; whoever looks for weights by name finds no others here. */
export const STAND_IN = "stand-in";

/** A size that nobody knows before the import: a square of patches and a class token, so that it can be cut either way. */
const UNKNOWN_SIZE = 65;

/** Outputs by name, or the given `values`: inner ones look like tokens, or as said. `view` sees the weight. */
export function standIn(
  info: UserModelInfo,
  given: ReadonlyMap<string, Tensor>,
  graph: Graph,
  view?: ParameterView,
  values?: readonly string[],
  innerShape: ModelPort["shape"] = ["batch", "tokens", "channels"],
): ReadonlyMap<string, Tensor> {
  const floats = [...given.values()].filter(({ dtype }) => dtype === "float32");
  const weight = view?.(STAND_IN, { shape: [1], init: { kind: "zeros" } }) ?? graph.constant([0], [1]);
  const mixed = floats.reduce((sum, tensor) => add(sum, reduceMean(tensor, { keepdims: false })), weight);
  const sizes = symbolSizes(info.inputs, given);
  const like = ({ shape }: ModelPort, axis: number) =>
    [...given.values()].find(({ rank }) => axis === 0 || rank === shape.length)?.shape[axis] ?? UNKNOWN_SIZE;
  const [first] = info.inputs.filter(({ shape }) => shape.length >= 2);
  // Files that were uploaded before outputs were kept: as of a denoiser.
  const outputs = info.outputs.length === 0 && first !== undefined ? [first] : info.outputs;
  const inner = (name: string): ModelPort => ({ name, shape: innerShape });
  const wanted = values?.map((name) => outputs.find((port) => port.name === name) ?? inner(name)) ?? outputs;
  return new Map(
    wanted.map((port) => {
      const { name, shape } = port;
      const known = shape.map((d, axis) => (typeof d === "number" ? d : (sizes.get(d) ?? like(port, axis))));
      return [name, known.length === 0 ? reshape(mixed, []) : expand(mixed, known)];
    }),
  );
}

/** Symbols of the inputs' free dimensions, as the tensors that are fed settle them. */
function symbolSizes(ports: readonly ModelPort[], given: ReadonlyMap<string, Tensor>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, shape } of ports) {
    const tensor = given.get(name);
    if (tensor?.rank !== shape.length) continue;
    shape.forEach((d, axis) => {
      if (typeof d === "string") sizes.set(d, tensor.shape[axis] as number);
    });
  }
  return sizes;
}
