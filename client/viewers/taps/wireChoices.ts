/** Outputs of a graph whose values can be looked at. */
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { TAPPED_WIRES } from "@distillery/shared/graph/wires";
import type { WireSource } from "./useWireFrames";

export interface WireOption extends WireSource {
  /** `node|socket` */
  readonly key: string;
  readonly title: string;
}

export const keyOf = ({ node, socket }: WireSource): string => `${node}|${socket}`;

/** In the order of the nodes; `titleOf` names a node, `sourceOf` leads to where a value is made in the flat graph. */
export function wireOptions(
  nodes: readonly string[],
  definitionOf: (node: string) => Pick<NodeDefinition, "outputs"> | undefined,
  titleOf: (node: string) => string,
  sourceOf: (output: WireSource) => WireSource = (output) => output,
): WireOption[] {
  return nodes.flatMap((node) =>
    Object.entries(definitionOf(node)?.outputs ?? {}).flatMap(([socket, { type }]) => {
      if (!TAPPED_WIRES.has(type)) return [];
      const source = sourceOf({ node, socket });
      return [{ ...source, key: keyOf(source), title: `${titleOf(node)} · ${socket}` }];
    }),
  );
}
