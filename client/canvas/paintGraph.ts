/** Draws wires (and, zoomed out, flat boxes for nodes) on one canvas: only what touches the view. */
import type { GraphEdge } from "@distillery/shared/graph/document";
import type { WireType } from "@distillery/shared/graph/wires";
import type { GraphView } from "../document/records";
import type { CanvasColors } from "./canvasColors";
import { type BoxesPicture, paintBoxes } from "./paintBoxes";
import { CANVAS_FONT, wrapTitle } from "./paintTitle";
import type { Wire } from "./scene";
import { touches } from "./spatialIndex";
import { FLAT_BELOW, TITLES_ABOVE, viewRect } from "./viewport";
import type { Curve } from "./wirePath";

export interface GraphPicture extends BoxesPicture {
  readonly graph: GraphView;
  readonly pixelRatio: number;
  readonly selectedFrames: ReadonlySet<string>;
  readonly selectedEdge: string | null;
  readonly hoveredEdge: string | null;
  /** The way point that is chosen, of the chosen wire. */
  readonly selectedPoint: number | null;
  readonly hoveredNode: string | null;
  /** How strongly the other wires are drawn while some stand out. */
  readonly otherWires: number;
  readonly faultyEdges: ReadonlySet<string>;
}

export function paintGraph(context: CanvasRenderingContext2D, picture: GraphPicture): void {
  const { viewport, pixelRatio, width, height } = picture;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width * pixelRatio, height * pixelRatio);
  const scale = viewport.zoom * pixelRatio;
  context.setTransform(scale, 0, 0, scale, viewport.x * pixelRatio, viewport.y * pixelRatio);
  paintFrames(context, picture);
  paintWires(context, picture);
  paintBoxes(context, picture);
}

export function traceCurves(path: Path2D | CanvasRenderingContext2D, curves: readonly Curve[]): void {
  for (const curve of curves) traceCurve(path, curve);
}

export function traceCurve(path: Path2D | CanvasRenderingContext2D, [a, b, c, d]: Curve): void {
  path.moveTo(a.x, a.y);
  path.bezierCurveTo(b.x, b.y, c.x, c.y, d.x, d.y);
}

const colorOf = (type: WireType | null, colors: CanvasColors): string => (type ? colors.wire[type] : colors.unknown);

/** Frames lie under everything; zoomed out, their titles are drawn in screen-sized letters. */
function paintFrames(context: CanvasRenderingContext2D, picture: GraphPicture): void {
  const { viewport, colors } = picture;
  const pixel = 1 / viewport.zoom;
  const view = viewRect(viewport, picture.width, picture.height);
  for (const [id, { position, size, color, title, kind }] of picture.graph.frames) {
    if (kind === "note" || !touches({ ...position, ...size }, view)) continue;
    const tint = color ?? colors.muted;
    context.beginPath();
    context.roundRect(position.x, position.y, size.width, size.height, 12);
    context.globalAlpha = 0.07;
    context.fillStyle = tint;
    context.fill();
    const selected = picture.selectedFrames.has(id);
    context.globalAlpha = selected ? 1 : 0.4;
    context.strokeStyle = selected ? colors.accent : tint;
    context.lineWidth = selected ? 2 * pixel : Math.max(1, pixel);
    context.stroke();
    context.globalAlpha = 1;
    if (viewport.zoom >= FLAT_BELOW || viewport.zoom < TITLES_ABOVE) continue;
    context.font = `600 ${10.5 * pixel}px ${CANVAS_FONT}`;
    context.textBaseline = "alphabetic";
    context.fillStyle = colors.muted;
    const [line = ""] = wrapTitle(context, title, size.width - 24, 10.5 * pixel);
    context.fillText(line, position.x + 8 * pixel, position.y + 15 * pixel);
  }
}

/** Plain wires in one stroke per colour; then the few that stand out. */
function paintWires(context: CanvasRenderingContext2D, picture: GraphPicture): void {
  const { scene, graph, viewport, colors, selectedNodes, hoveredNode } = picture;
  const plain = new Map<string, { path: Path2D; dashed: boolean; color: string }>();
  const special: [string, Wire][] = [];
  const bent: BentWire[] = [];
  const touches = (node: string) => node === hoveredNode || selectedNodes.has(node);
  for (const key of scene.wires.query(viewRect(viewport, picture.width, picture.height))) {
    const wire = scene.wire(key);
    if (!wire) continue;
    const edge = graph.edges.get(key);
    const touched = edge && (touches(edge.from.node) || touches(edge.to.node));
    const isSpecial =
      touched || key === picture.selectedEdge || key === picture.hoveredEdge || picture.faultyEdges.has(key);
    if (edge?.via) bent.push({ key, via: edge.via, isSpecial: isSpecial === true });
    if (isSpecial) {
      special.push([key, wire]);
      continue;
    }
    const color = colorOf(wire.type, colors);
    const group = `${color}${wire.delayed}`;
    const entry = plain.get(group) ?? { path: new Path2D(), dashed: wire.delayed, color };
    traceCurves(entry.path, wire.curves);
    plain.set(group, entry);
  }
  context.lineCap = "round";
  const width = Math.max(1.7, 1 / viewport.zoom);
  const standsOut = selectedNodes.size > 0 || picture.selectedEdge !== null || hoveredNode !== null;
  const others = standsOut ? picture.otherWires : 0.85;
  context.globalAlpha = others;
  for (const { path, dashed, color } of plain.values()) stroke(context, path, color, width, dashed);
  context.globalAlpha = 1;
  for (const [key, wire] of special) {
    const path = new Path2D();
    traceCurves(path, wire.curves);
    const color = picture.faultyEdges.has(key) ? colors.danger : colorOf(wire.type, colors);
    const strong = key === picture.selectedEdge || key === picture.hoveredEdge;
    if (key === picture.selectedEdge) {
      context.globalAlpha = 0.25;
      stroke(context, path, color, width + 8 / Math.max(0.6, viewport.zoom), false);
      context.globalAlpha = 1;
    }
    stroke(context, path, color, strong ? width + 1.3 : width + 0.4, wire.delayed);
  }
  if (viewport.zoom >= FLAT_BELOW) paintWirePoints(context, picture, bent, others);
}

interface BentWire {
  readonly key: string;
  readonly via: NonNullable<GraphEdge["via"]>;
  readonly isSpecial: boolean;
}

/** The points that wires are led through: small, and larger where they can be taken hold of. */
function paintWirePoints(
  context: CanvasRenderingContext2D,
  picture: GraphPicture,
  bent: readonly BentWire[],
  others: number,
): void {
  const { scene, colors } = picture;
  for (const { key, via, isSpecial } of bent) {
    const color = colorOf(scene.wire(key)?.type ?? null, colors);
    const held = key === picture.selectedEdge || key === picture.hoveredEdge;
    context.globalAlpha = isSpecial ? 1 : others;
    for (const [index, { x, y }] of via.entries()) {
      const chosen = key === picture.selectedEdge && index === picture.selectedPoint;
      context.beginPath();
      context.arc(x, y, held ? 5.5 : 3.5, 0, 2 * Math.PI);
      context.fillStyle = held && !chosen ? colors.canvas : color;
      context.strokeStyle = chosen ? colors.accent : color;
      context.lineWidth = 2;
      context.fill();
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, color: string, width: number, dashed: boolean): void {
  context.setLineDash(dashed ? [7, 6] : []);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke(path);
  context.setLineDash([]);
}
