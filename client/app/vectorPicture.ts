/** A sheet of a graph as the vector picture of `shared/picture`, placed exactly as on the canvas. */
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Sheet } from "@distillery/shared/graph/subgraph";
import { NEW_PORT } from "@distillery/shared/graph/subgraphDefinition";
import type { GraphPicture } from "@distillery/shared/picture/graphSvg";
import { CARD } from "../canvas/nodeGeometry";
import { Scene } from "../canvas/scene";
import { GraphRecords } from "../document/records";
import { shortValue, summaryFields, valueAt } from "../editor/paramForm";

const MARGIN = 40;

export function vectorPicture(sheet: Sheet, library: Pick<NodeLibrary, "get">): GraphPicture {
  const records = GraphRecords.from(sheet);
  const scene = new Scene(
    () => records,
    library,
    () => false,
  );
  scene.rebuild();
  const inner = scene.bounds() ?? { x: 0, y: 0, width: 400, height: 240 };
  return {
    bounds: {
      x: inner.x - MARGIN,
      y: inner.y - MARGIN,
      width: inner.width + 2 * MARGIN,
      height: inner.height + 2 * MARGIN,
    },
    frames: sheet.frames,
    wires: [...records.edges.keys()].flatMap((key) => scene.wire(key) ?? []),
    cards: sheet.nodes.flatMap((node) => {
      const card = scene.card(node.id);
      const area = scene.rect(node.id);
      if (!card || !area) return [];
      const definition = library.get(node.type);
      return [
        {
          id: node.id,
          area,
          title: node.title ?? definition?.title ?? node.type,
          family: definition?.family ?? null,
          sockets: [...card.inputs, ...card.outputs].filter(({ name }) => name !== NEW_PORT),
          rows: (definition && !node.collapsed ? summaryFields(definition) : []).map((field, i) => ({
            label: field.title,
            value: shortValue(valueAt(node.params, field), field),
            y: card.paramsTop + (i + 0.5) * CARD.paramRow,
          })),
        },
      ];
    }),
  };
}
