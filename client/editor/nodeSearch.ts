/** Finding node types: every word must match somewhere; titles count more than help. */
import type { Family, NodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";
import { prepare, rank, type Searchable } from "../search/rank";

/** Families in the order in which a graph is built. */
export const FAMILIES: readonly { id: Family; title: string }[] = [
  { id: "data", title: "Data" },
  { id: "schedule", title: "Schedule" },
  { id: "model", title: "Teachers" },
  { id: "student", title: "Students" },
  { id: "time", title: "Times" },
  { id: "solver", title: "Solver steps" },
  { id: "bank", title: "Bank" },
  { id: "loss", title: "Losses" },
  { id: "train", title: "Training" },
  { id: "evaluate", title: "Evaluation" },
  { id: "inspect", title: "Viewers" },
  { id: "export", title: "Export" },
  { id: "subgraph", title: "Subgraphs" },
];

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
