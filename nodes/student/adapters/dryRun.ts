/** Applies a network in a graph of its own, to see what it does with each of its weights. */
import type {
  ConditionValue,
  ParameterSpec,
  ParameterView,
  StateValue,
  WeightsValue,
} from "@distillery/shared/graph/wires";
import { Graph, type Tensor } from "@distillery/shared/onnx/graph";

export interface DryRun {
  readonly graph: Graph;
  /** What the network looks at: the state, or the images. */
  readonly subject: Tensor;
  /** Weights by path. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Their shapes and first values. */
  readonly specs: ReadonlyMap<string, ParameterSpec>;
}

/** Of a diffusion network at a state like `state`. */
export function dryPredict(
  predict: Required<WeightsValue>["predict"],
  state: StateValue,
  condition: ConditionValue | null,
): DryRun {
  return dryRun(state.x, (mirror, view) => {
    const each = (tensors: ConditionValue["tensors"]) =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, mirror(tensor)]));
    predict(
      { ...state, x: mirror(state.x), t: { ...state.t, node: mirror(state.t.node) } },
      condition && {
        ...condition,
        tensors: each(condition.tensors),
        nullTensors: each(condition.nullTensors),
        ...(condition.guidanceScale && { guidanceScale: mirror(condition.guidanceScale) }),
      },
      view,
    );
  });
}

/** Of an encoder of images. */
export const dryExtract = (extract: Required<WeightsValue>["extract"], images: Tensor): DryRun =>
  dryRun(images, (mirror, view) => extract(mirror(images), view));

function dryRun(subject: Tensor, apply: (mirror: (tensor: Tensor) => Tensor, view: ParameterView) => void): DryRun {
  const graph = new Graph("dry run");
  const mirrored = new Map<string, Tensor>();
  const mirror = ({ name, dtype, shape }: Tensor): Tensor => {
    const known = mirrored.get(name) ?? graph.input(`given:${name}`, dtype, shape);
    mirrored.set(name, known);
    return known;
  };
  const weights = new Map<string, Tensor>();
  const specs = new Map<string, ParameterSpec>();
  apply(mirror, (path, spec) => {
    const known = weights.get(path) ?? graph.input(`weight:${path}`, "float32", spec.shape);
    weights.set(path, known);
    specs.set(path, spec);
    return known;
  });
  return { graph, subject: mirror(subject), weights, specs };
}
