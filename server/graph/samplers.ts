import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";

/** Samplers with a parameter `nfe` whose weights come, through aliases and averages, from what a trainer trains. */
export function studentSamplers(graph: GraphDocument, library: NodeLibrary): string[] {
  const types = new Map(graph.nodes.map(({ id, type }) => [id, library.get(type)]));
  const into = (id: string, socket: string) =>
    graph.edges.find(({ to }) => to.node === id && to.socket === socket)?.from.node;
  const owner = (id: string): string | undefined => {
    let at = into(id, "weights");
    for (let hops = 0; at !== undefined && hops < graph.nodes.length; hops++) {
      const next = into(at, "weights");
      if (next === undefined) return at;
      at = next;
    }
    return at;
  };
  const trained = new Set(
    graph.nodes.filter(({ id }) => types.get(id)?.trainer !== undefined).map(({ id }) => owner(id)),
  );
  return graph.nodes
    .filter(({ id }) => {
      const type = types.get(id);
      return type?.sampler !== undefined && "nfe" in type.params.shape && trained.has(owner(id));
    })
    .map(({ id }) => id);
}
