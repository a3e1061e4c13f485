/** Nodes without a card: from afar, and for the moment before their card is mounted. */
import type { Viewport } from "../editor/sessionStore";
import type { CanvasColors } from "./canvasColors";
import { CANVAS_FONT, wrapTitle } from "./paintTitle";
import type { Scene } from "./scene";
import type { Rect } from "./spatialIndex";
import { TITLES_ABOVE, viewRect } from "./viewport";

export interface BoxesPicture {
  readonly scene: Scene;
  readonly viewport: Viewport;
  readonly width: number;
  readonly height: number;
  readonly colors: CanvasColors;
  readonly selectedNodes: ReadonlySet<string>;
  /** Whether a mounted card shows this node. */
  hasCard(node: string): boolean;
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

interface Look {
  readonly fill: string;
  readonly strength: number;
  readonly stroke: string;
  readonly strong: boolean;
  readonly present: number;
}

/** Rounded boxes in the tint of their family with title and picture; from very far plain ones. */
export function paintBoxes(context: CanvasRenderingContext2D, picture: BoxesPicture): void {
  const { scene, viewport, colors } = picture;
  const looks = new Map<string, { look: Look; ids: string[] }>();
  for (const id of scene.nodes.query(viewRect(viewport, picture.width, picture.height))) {
    if (picture.hasCard(id)) continue;
    const status = picture.statusOf(id);
    const tint = picture.tintOf(id);
    const marked = picture.selectedNodes.has(id) || status === "running";
    const stroke = status === "error" ? colors.danger : marked ? colors.accent : tint;
    const heat = picture.heatOf(id);
    const look = {
      fill: heat === undefined ? tint : colors.heat,
      // In steps, so that nodes of about the same heat are painted together.
      strength: heat === undefined ? 0.14 : 0.55 * (Math.round(20 * heat) / 20),
      stroke,
      strong: marked || status === "error",
      present: picture.isOff(id) ? 0.45 : 1,
    };
    const key = JSON.stringify(look);
    const group = looks.get(key);
    if (group) group.ids.push(id);
    else looks.set(key, { look, ids: [id] });
  }
  const paint = viewport.zoom > TITLES_ABOVE ? paintTitled : paintPlain;
  for (const { look, ids } of looks.values()) paint(context, picture, look, ids);
  context.globalAlpha = 1;
}

/** Nothing but rectangles, all of one kind at a time: thousands in a few milliseconds. */
function paintPlain(
  context: CanvasRenderingContext2D,
  { scene, viewport, colors }: BoxesPicture,
  look: Look,
  ids: string[],
): void {
  const rects = ids.flatMap((id) => scene.rect(id) ?? []);
  context.globalAlpha = look.present;
  context.fillStyle = colors.card;
  for (const { x, y, width, height } of rects) context.fillRect(x, y, width, height);
  context.globalAlpha = look.strength * look.present;
  context.fillStyle = look.fill;
  for (const { x, y, width, height } of rects) context.fillRect(x, y, width, height);
  context.globalAlpha = look.strong ? 1 : 0.55 * look.present;
  context.strokeStyle = look.stroke;
  context.lineWidth = (look.strong ? 2.5 : 1) / viewport.zoom;
  for (const { x, y, width, height } of rects) context.strokeRect(x, y, width, height);
}

function paintTitled(
  context: CanvasRenderingContext2D,
  picture: BoxesPicture,
  { fill, strength, stroke, strong, present }: Look,
  ids: string[],
): void {
  const { scene, viewport, colors } = picture;
  const pixel = 1 / viewport.zoom;
  const fontSize = (viewport.zoom < 0.28 ? 8.5 : 10.5) * pixel;
  context.font = `600 ${fontSize}px ${CANVAS_FONT}`;
  context.textBaseline = "alphabetic";
  for (const id of ids) {
    const rect = scene.rect(id);
    if (!rect) continue;
    context.beginPath();
    context.roundRect(rect.x, rect.y, rect.width, rect.height, 12);
    context.fillStyle = colors.card;
    context.globalAlpha = present;
    context.fill();
    context.fillStyle = fill;
    context.globalAlpha = strength * present;
    context.fill();
    context.strokeStyle = stroke;
    context.globalAlpha = strong ? 1 : 0.55 * present;
    context.lineWidth = strong ? 2.5 * pixel : pixel;
    context.stroke();
    context.globalAlpha = present;
    const image = picture.thumbnailOf(id);
    const card = scene.card(id);
    if (image && card) fitImage(context, image, rect, card.thumbnailTop);
    context.fillStyle = colors.text;
    const lines = wrapTitle(context, picture.titleOf(id), rect.width - 20, fontSize);
    const room = image && card ? card.thumbnailTop : rect.height;
    const first = rect.y + room / 2 - ((lines.length - 1) * fontSize * 1.15) / 2 + fontSize * 0.35;
    for (const [row, line] of lines.entries()) context.fillText(line, rect.x + 11, first + row * fontSize * 1.15);
  }
}

function fitImage(context: CanvasRenderingContext2D, image: ImageBitmap, rect: Rect, top: number): void {
  const width = rect.width - 16;
  const height = rect.height - top - 12;
  const scale = Math.min(width / image.width, height / image.height);
  const w = image.width * scale;
  const h = image.height * scale;
  context.drawImage(image, rect.x + 8 + (width - w) / 2, rect.y + top + 4 + (height - h) / 2, w, h);
}
