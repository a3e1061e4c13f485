/** From the differences of two graphs to marks on the canvas that shows the second one. */
import { edgeKey, type GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { GraphMarks } from "../canvas/marks";
import { Scene } from "../canvas/scene";
import { titleOf } from "../document/connection";
import { GraphRecords } from "../document/records";
import type { Difference } from "./graphDiff";

export function marksOf(
  found: readonly Difference[],
  before: GraphDocument,
  after: GraphDocument,
  library: Pick<NodeLibrary, "get">,
): GraphMarks {
  const [old, present] = [new Set(before.nodes.map(({ id }) => id)), new Set(after.nodes.map(({ id }) => id))];
  const about = new Set(found.flatMap(({ node }) => node ?? []));
  const gone = before.nodes.filter(({ id }) => !present.has(id));
  const wires = new Set(after.edges.map(edgeKey));
  const oldWires = new Set(before.edges.map(edgeKey));
  const lost = before.edges.filter((edge) => !wires.has(edgeKey(edge)));
  // Where the ghosts and the lost wires would be among the nodes as they lie now.
  const both = GraphRecords.from({
    ...after,
    nodes: [...after.nodes, ...gone],
    edges: lost,
  });
  const scene = new Scene(
    () => both,
    library,
    () => false,
  );
  scene.rebuild();
  return {
    added: new Set([...about].filter((id) => present.has(id) && !old.has(id))),
    changed: new Set([...about].filter((id) => present.has(id) && old.has(id))),
    ghosts: gone.flatMap((node) => {
      const rect = scene.rect(node.id);
      return rect ? [{ id: node.id, title: titleOf(node, library), rect }] : [];
    }),
    addedWires: new Set([...wires].filter((key) => !oldWires.has(key))),
    removedWires: lost.flatMap((edge) => {
      const wire = scene.wire(edgeKey(edge));
      return wire ? [wire.curves] : [];
    }),
  };
}
