/** Draws wires (and, zoomed out, flat boxes for nodes) on one canvas: only what touches the view. */
import type { GraphEdge } from "@distillery/shared/graph/document";
import type { WireType } from "@distillery/shared/graph/wires";
import type { GraphView } from "../document/records";
import type { Viewport } from "../editor/sessionStore";
import type { CanvasColors } from "./canvasColors";
import type { Scene, Wire } from "./scene";
import { type Rect, touches } from "./spatialIndex";
import type { Curve } from "./wirePath";

/** Below this zoom flat boxes are too small for titles. */
const TITLES_ABOVE = 0.17;
/** Below this zoom nodes are flat boxes. */
export const FLAT_BELOW = 0.35;

const FONT = '-apple-system, "Segoe UI", Inter, Roboto, Arial, sans-serif';

export interface GraphPicture {
  readonly scene: Scene;
  readonly graph: GraphView;
  readonly viewport: Viewport;
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  readonly colors: CanvasColors;
  readonly selectedNodes: ReadonlySet<string>;
  readonly selectedFrames: ReadonlySet<string>;
  readonly selectedEdge: string | null;
  readonly hoveredEdge: string | null;
  /** The way point that is chosen, of the chosen wire. */
  readonly selectedPoint: number | null;
  readonly hoveredNode: string | null;
  /** How strongly the other wires are drawn while some stand out. */
  readonly otherWires: number;
  readonly faultyEdges: ReadonlySet<string>;
  /** Its own colour or its family's. */
  tintOf(node: string): string;
  /** It is muted or bypassed. */
  isOff(node: string): boolean;
  titleOf(node: string): string;
  thumbnailOf(node: string): ImageBitmap | null;
  statusOf(node: string): "idle" | "running" | "done" | "error";
  /** How hot a node is, 0..1; undefined where no heat is shown. */
  heatOf(node: string): number | undefined;
}

export const viewRect = (viewport: Viewport, width: number, height: number, margin = 0): Rect => ({
  x: (-viewport.x - margin) / viewport.zoom,
  y: (-viewport.y - margin) / viewport.zoom,
  width: (width + 2 * margin) / viewport.zoom,
  height: (height + 2 * margin) / viewport.zoom,
});

export function paintGraph(context: CanvasRenderingContext2D, picture: GraphPicture): void {
  const { viewport, pixelRatio, width, height } = picture;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width * pixelRatio, height * pixelRatio);
  const scale = viewport.zoom * pixelRatio;
  context.setTransform(scale, 0, 0, scale, viewport.x * pixelRatio, viewport.y * pixelRatio);
  paintFrames(context, picture);
  paintWires(context, picture);
  if (viewport.zoom < FLAT_BELOW) paintBoxes(context, picture);
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
    context.font = `600 ${10.5 * pixel}px ${FONT}`;
    context.textBaseline = "alphabetic";
    context.fillStyle = colors.muted;
    const [line = ""] = wrapTitle(context, title, size.width - 24);
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

/** A node from afar: a rounded box in its family's tint, its title in screen-sized letters, its picture if it has one. */
function paintBoxes(context: CanvasRenderingContext2D, picture: GraphPicture): void {
  const { scene, viewport, colors } = picture;
  const pixel = 1 / viewport.zoom;
  const withTitles = viewport.zoom > TITLES_ABOVE;
  const fontSize = (viewport.zoom < 0.28 ? 8.5 : 10.5) * pixel;
  context.font = `600 ${fontSize}px ${FONT}`;
  context.textBaseline = "alphabetic";
  for (const id of scene.nodes.query(viewRect(viewport, picture.width, picture.height))) {
    const rect = scene.rect(id);
    if (!rect) continue;
    const family = picture.tintOf(id);
    const present = picture.isOff(id) ? 0.45 : 1;
    const status = picture.statusOf(id);
    const marked = picture.selectedNodes.has(id) || status === "running";
    context.beginPath();
    if (withTitles) context.roundRect(rect.x, rect.y, rect.width, rect.height, 12);
    else context.rect(rect.x, rect.y, rect.width, rect.height);
    context.fillStyle = colors.card;
    context.globalAlpha = present;
    context.fill();
    const heat = picture.heatOf(id);
    context.fillStyle = heat === undefined ? family : colors.heat;
    context.globalAlpha = (heat === undefined ? 0.14 : 0.55 * heat) * present;
    context.fill();
    context.strokeStyle = status === "error" ? colors.danger : marked ? colors.accent : family;
    context.globalAlpha = status === "error" || marked ? 1 : 0.55 * present;
    context.lineWidth = status === "error" || marked ? 2.5 * pixel : pixel;
    context.stroke();
    context.globalAlpha = present;
    if (!withTitles) continue;
    const image = picture.thumbnailOf(id);
    const card = scene.card(id);
    if (image && card) fitImage(context, image, rect, card.thumbnailTop);
    context.fillStyle = colors.text;
    const lines = wrapTitle(context, picture.titleOf(id), rect.width - 20);
    const room = image && card ? card.thumbnailTop : rect.height;
    const first = rect.y + room / 2 - ((lines.length - 1) * fontSize * 1.15) / 2 + fontSize * 0.35;
    for (const [row, line] of lines.entries()) context.fillText(line, rect.x + 11, first + row * fontSize * 1.15);
  }
  context.globalAlpha = 1;
}

function fitImage(context: CanvasRenderingContext2D, image: ImageBitmap, rect: Rect, top: number): void {
  const width = rect.width - 16;
  const height = rect.height - top - 12;
  const scale = Math.min(width / image.width, height / image.height);
  const w = image.width * scale;
  const h = image.height * scale;
  context.drawImage(image, rect.x + 8 + (width - w) / 2, rect.y + top + 4 + (height - h) / 2, w, h);
}

/** At most two lines; what does not fit ends in an ellipsis. */
function wrapTitle(context: CanvasRenderingContext2D, title: string, width: number): string[] {
  const fits = (text: string) => context.measureText(text).width <= width;
  const shorten = (text: string): string => {
    if (fits(text)) return text;
    let end = text.length;
    while (end > 1 && !fits(`${text.slice(0, end)}…`)) end -= 1;
    return `${text.slice(0, end)}…`;
  };
  if (fits(title)) return [title];
  const words = title.split(/(?<=[ -])/);
  let head = words.shift() ?? "";
  for (let next = words[0]; next !== undefined && fits((head + next).trimEnd()); next = words[0]) {
    head += next;
    words.shift();
  }
  return words.length === 0 ? [shorten(head)] : [shorten(head.trimEnd()), shorten(words.join(""))];
}
