/** A picture of a graph, drawn from its document alone: gallery cards and the exported PNG. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { withSubgraphs } from "@distillery/shared/graph/subgraphDefinition";
import { frameText } from "@distillery/shared/picture/frameText";
import type { CanvasColors } from "../canvas/canvasColors";
import { CARD } from "../canvas/nodeGeometry";
import { traceCurves } from "../canvas/paintGraph";
import { Scene } from "../canvas/scene";
import type { Rect } from "../canvas/spatialIndex";
import { GraphRecords } from "../document/records";
import { summaryFields } from "../editor/paramForm";

const MARGIN = 40;

export interface GraphDrawing {
  /** What the picture covers, in graph units. */
  bounds: Rect;
  /** Paints with the top left of `bounds` at the origin, one graph unit per context unit. */
  paint(context: CanvasRenderingContext2D, colors: CanvasColors, detail: "full" | "boxes"): void;
}

export function drawingOf(document: GraphDocument, base: Pick<NodeLibrary, "get">): GraphDrawing {
  const library = withSubgraphs(base, (id) => document.subgraphs?.find((subgraph) => subgraph.id === id));
  const records = GraphRecords.from(document);
  const scene = new Scene(
    () => records,
    library,
    () => false,
  );
  scene.rebuild();
  const inner = scene.bounds() ?? { x: 0, y: 0, width: 400, height: 240 };
  const bounds = {
    x: inner.x - MARGIN,
    y: inner.y - MARGIN,
    width: inner.width + 2 * MARGIN,
    height: inner.height + 2 * MARGIN,
  };
  return {
    bounds,
    paint(context, colors, detail) {
      context.save();
      context.translate(-bounds.x, -bounds.y);
      for (const frame of document.frames) paintFrame(context, frame, colors, detail);
      context.lineCap = "round";
      for (const key of records.edges.keys()) {
        const wire = scene.wire(key);
        if (!wire) continue;
        context.beginPath();
        traceCurves(context, wire.curves);
        context.setLineDash(wire.delayed ? [7, 6] : []);
        context.strokeStyle = wire.type ? colors.wire[wire.type] : colors.unknown;
        context.lineWidth = detail === "full" ? 2 : 5;
        context.stroke();
      }
      context.setLineDash([]);
      for (const node of document.nodes) {
        const rect = scene.rect(node.id);
        if (rect) paintCard(context, scene, records, library, node.id, rect, colors, detail);
      }
      context.restore();
    },
  };
}

function paintFrame(
  context: CanvasRenderingContext2D,
  frame: GraphDocument["frames"][number],
  colors: CanvasColors,
  detail: "full" | "boxes",
): void {
  context.globalAlpha = 0.35;
  context.fillStyle = colors.border;
  context.beginPath();
  context.roundRect(frame.position.x, frame.position.y, frame.size.width, frame.size.height, 10);
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = colors.muted;
  context.textBaseline = "alphabetic";
  for (const { text, x, y, size, isStrong } of frameText(frame).slice(0, detail === "full" ? undefined : 1)) {
    context.font = `${isStrong ? 600 : 400} ${size}px system-ui, sans-serif`;
    context.fillText(text, x, y, frame.size.width - 24);
  }
}

function paintCard(
  context: CanvasRenderingContext2D,
  scene: Scene,
  records: GraphRecords,
  library: Pick<NodeLibrary, "get">,
  id: string,
  rect: Rect,
  colors: CanvasColors,
  detail: "full" | "boxes",
): void {
  const node = records.nodes.get(id);
  const card = scene.card(id);
  if (!node || !card) return;
  const definition = library.get(node.type);
  const family = node.color ?? colors.family(definition?.family ?? "export");
  context.fillStyle = colors.card;
  context.strokeStyle = colors.border;
  context.lineWidth = detail === "full" ? 1 : 3;
  context.beginPath();
  context.roundRect(rect.x, rect.y, rect.width, rect.height, 8);
  context.fill();
  context.stroke();
  context.fillStyle = family;
  context.beginPath();
  context.roundRect(rect.x, rect.y, rect.width, detail === "full" ? 3 : 26, [8, 8, 0, 0]);
  context.fill();
  if (detail === "boxes") return;
  context.globalAlpha = node.mode === undefined ? 1 : 0.45;
  context.textBaseline = "middle";
  context.fillStyle = colors.text;
  context.font = "600 13px system-ui, sans-serif";
  context.fillText(
    node.title ?? definition?.title ?? node.type,
    rect.x + 12,
    rect.y + CARD.header / 2 + 1,
    rect.width - 24,
  );
  context.font = "12px system-ui, sans-serif";
  for (const socket of card.collapsed ? [] : [...card.inputs, ...card.outputs]) {
    const x = rect.x + socket.x;
    const y = rect.y + socket.y;
    context.fillStyle = socket.type ? colors.wire[socket.type] : colors.unknown;
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = colors.text;
    context.textAlign = socket.side === "input" ? "left" : "right";
    context.fillText(socket.name, x + (socket.side === "input" ? 12 : -12), y, rect.width / 2 - 14);
  }
  const fields = definition && !card.collapsed ? summaryFields(definition) : [];
  fields.forEach((field, i) => {
    const y = rect.y + card.paramsTop + (i + 0.5) * CARD.paramRow;
    const value = node.params[field.path[0] ?? ""] ?? field.defaultValue ?? "";
    context.fillStyle = colors.muted;
    context.textAlign = "left";
    context.fillText(field.title, rect.x + 12, y, rect.width / 2);
    context.textAlign = "right";
    context.fillStyle = colors.text;
    context.fillText(typeof value === "object" ? "…" : String(value), rect.x + rect.width - 12, y, rect.width / 2 - 16);
  });
  context.textAlign = "left";
  context.globalAlpha = 1;
}
