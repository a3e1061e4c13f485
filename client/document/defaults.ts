/** A fresh node: an id that people can read and every parameter at its default. */
import type { GraphNode, Params } from "@distillery/shared/graph/document";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { z } from "zod";

/** `ddim`, `ddim-2`, `ddim-3`, ...: the last part of the type, made unique. */
export function newId(stem: string, isTaken: (id: string) => boolean): string {
  const base =
    stem
      .split("/")
      .at(-1)
      ?.replace(/[^A-Za-z0-9_.:-]/g, "-") || "node";
  if (!isTaken(base)) return base;
  for (let n = 2; ; n += 1) if (!isTaken(`${base}-${n}`)) return `${base}-${n}`;
}

/** The schema's own defaults as plain JSON; `{}` where a field has none. */
export function defaultParams(definition: Pick<NodeDefinition, "params">): Params {
  const parsed = definition.params.safeParse({});
  if (!parsed.success) return {};
  const json = z.record(z.string(), z.json()).safeParse(parsed.data);
  return json.success ? json.data : {};
}

/** `document` knows the ids that are taken, also those inside subgraphs. */
export function newNode(
  definition: NodeDefinition,
  position: GraphNode["position"],
  document: { hasNode(id: string): boolean },
): GraphNode {
  return {
    id: newId(definition.type, (id) => document.hasNode(id)),
    type: definition.type,
    version: definition.version,
    // An instance follows what is inside until a value of its own is set.
    params: subgraphIdOf(definition) === undefined ? defaultParams(definition) : {},
    position,
  };
}
