/** What an exported network gives out, under plain names whatever it called its values. */
import type { WeightsValue } from "../graph/wires";
import type { Graph, Tensor } from "../onnx/graph";

/**
 * Adds an encoder to an export: input `images` float32 [B, C, H, W] in [-1, 1]; outputs `embedding` [B, D], `layer.0`,
 * `layer.1`, ... [B, channels, positions] and, for each label it classifies, its scores (`class`, `content`) [B, values].
 */
export function exposeEncoder(
  graph: Graph,
  { extract, owner }: WeightsValue & Required<Pick<WeightsValue, "extract">>,
  shape: readonly number[],
): void {
  const images = graph.input("images", "float32", shape);
  const { embedding, layers, logits = {} } = graph.scope(owner, () => extract(images));
  exposeAs("embedding", embedding);
  layers.forEach((layer, i) => {
    exposeAs(`layer.${i}`, layer);
  });
  for (const [name, scores] of Object.entries(logits)) exposeAs(name, scores);
}

/** A graph output of this name, through an Identity. */
export function exposeAs(name: string, tensor: Tensor): void {
  const { graph, dtype, shape } = tensor;
  for (const named of graph.add("Identity", [tensor], [{ dtype, shape, name }])) graph.output(named);
}
