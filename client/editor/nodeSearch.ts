/** Finding node types: every word must match somewhere; titles count more than help. */
import type { Family, NodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";

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
];

function scoreWord(definition: NodeDefinition, word: string): number {
  const title = definition.title.toLowerCase();
  if (title.startsWith(word)) return 8;
  if (title.split(/[\s-]+/).some((part) => part.startsWith(word))) return 6;
  if (title.includes(word)) return 4;
  if (definition.type.includes(word) || definition.family.startsWith(word)) return 3;
  const sockets = [...Object.values(definition.inputs), ...Object.values(definition.outputs)];
  if (sockets.some((socket) => socket.type === word)) return 2;
  return definition.help.toLowerCase().includes(word) ? 1 : 0;
}

/** Matching node types, best first; all of them, by family, for an empty query. */
export function searchNodes(
  library: Pick<NodeLibrary, "all">,
  query: string,
  fits: (definition: NodeDefinition) => boolean = () => true,
): NodeDefinition[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const order = (definition: NodeDefinition) => FAMILIES.findIndex((family) => family.id === definition.family);
  return library
    .all()
    .filter(fits)
    .flatMap((definition) => {
      const scores = words.map((word) => scoreWord(definition, word));
      return scores.includes(0) ? [] : [{ definition, score: scores.reduce((a, b) => a + b, 0) }];
    })
    .sort(
      (a, b) =>
        b.score - a.score ||
        order(a.definition) - order(b.definition) ||
        a.definition.title.localeCompare(b.definition.title),
    )
    .map(({ definition }) => definition);
}
