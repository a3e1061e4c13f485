import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { z } from "zod";
import { GraphReader } from "./networks";

const oneNfe = z.object({ nfe: z.number() });

/** Samplers with one number of evaluations, parameter `nfe`, whose weights are, or are made from, what a trainer trains. */
export function studentSamplers(document: GraphDocument, library: NodeLibrary): string[] {
  const graph = new GraphReader(document, library);
  const trained = graph.document.nodes.flatMap(({ id }) =>
    graph.type(id)?.trainer === undefined ? [] : (graph.source(id, "weights")?.node ?? []),
  );
  return graph.document.nodes
    .map(({ id }) => id)
    .filter((id) => {
      const type = graph.type(id);
      if (type?.sampler === undefined || !oneNfe.safeParse(type.params.safeParse({}).data).success) return false;
      return graph.lineage(graph.source(id, "weights")).some((each) => trained.includes(each));
    });
}
