/** Finding node types: every word must match somewhere; titles count more than help. */
import type { Family, NodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";
import { say } from "../language";
import { prepare, rank, type Searchable } from "../search/rank";

/** Families in the order in which a graph is built. */
const ORDER: readonly Family[] = [
  "data",
  "schedule",
  "model",
  "student",
  "time",
  "solver",
  "bank",
  "loss",
  "train",
  "evaluate",
  "inspect",
  "export",
  "subgraph",
];
export const FAMILIES = ORDER.map((id) => ({ id, title: say.editor.families[id] }));

/** What a node type is found by: its title, then its type, family, kinds of wires and what its help says. */
export const nodeText = ({ title, type, family, help, inputs, outputs }: NodeDefinition): Searchable => ({
  title,
  also: [
    type,
    FAMILIES.find(({ id }) => id === family)?.title ?? family,
    [...Object.values(inputs), ...Object.values(outputs)].map((socket) => socket.type).join(" "),
    help,
  ],
});

/** Matching node types, best first; all of them, by family, for an empty query. */
export function searchNodes(
  library: Pick<NodeLibrary, "all">,
  query: string,
  fits: (definition: NodeDefinition) => boolean = () => true,
  bonus?: (definition: NodeDefinition) => number,
): NodeDefinition[] {
  const order = (definition: NodeDefinition) => FAMILIES.findIndex((family) => family.id === definition.family);
  const byFamily = library
    .all()
    .filter(fits)
    .sort((a, b) => order(a) - order(b) || a.title.localeCompare(b.title));
  return rank(prepare(byFamily, nodeText), query, bonus).map(({ item }) => item);
}
