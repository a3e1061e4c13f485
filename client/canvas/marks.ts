/** What is set apart on the canvas by a comparison: new, changed, and what is not there any more as a ghost. */
import type { CanvasColors } from "./canvasColors";
import { traceCurves } from "./paintGraph";
import type { Scene } from "./scene";
import type { Rect } from "./spatialIndex";
import type { Curve } from "./wirePath";

export interface Ghost {
  readonly id: string;
  readonly title: string;
  readonly rect: Rect;
}
export interface GraphMarks {
  readonly added: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
  readonly ghosts: readonly Ghost[];
  /** By `edgeKey`. */
  readonly addedWires: ReadonlySet<string>;
  readonly removedWires: readonly (readonly Curve[])[];
}

/** Told apart by sign and stroke as well as by colour. */
const SIGNS = { added: "+", changed: "≠", removed: "−" } as const;
const FONT = '-apple-system, "Segoe UI", Inter, Roboto, Arial, sans-serif';

export function paintMarks(
  context: CanvasRenderingContext2D,
  marks: GraphMarks,
  scene: Scene,
  zoom: number,
  colors: CanvasColors,
): void {
  const pixel = 1 / zoom;
  const wire = (curves: readonly Curve[], color: string, isGone: boolean): void => {
    context.beginPath();
    traceCurves(context, curves);
    context.strokeStyle = color;
    context.lineWidth = Math.max(3, 2.5 * pixel);
    context.setLineDash(isGone ? [6 * pixel, 6 * pixel] : []);
    context.stroke();
    context.setLineDash([]);
  };
  context.lineCap = "round";
  for (const curves of marks.removedWires) wire(curves, colors.danger, true);
  for (const key of marks.addedWires) {
    const found = scene.wire(key);
    if (found) wire(found.curves, colors.success, false);
  }
  for (const { rect, title } of marks.ghosts) {
    context.globalAlpha = 0.16;
    context.fillStyle = colors.danger;
    context.beginPath();
    context.roundRect(rect.x, rect.y, rect.width, rect.height, 10);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = colors.danger;
    context.font = `600 ${Math.max(13, 10 * pixel)}px ${FONT}`;
    context.textBaseline = "middle";
    context.fillText(title, rect.x + 16 + 4 * pixel, rect.y + 20, rect.width - 24);
    outline(context, rect, "removed", colors.danger, pixel, colors.card);
  }
  for (const [kind, ids, color] of [
    ["added", marks.added, colors.success],
    ["changed", marks.changed, colors.warning],
  ] as const)
    for (const id of ids) {
      const rect = scene.rect(id);
      if (rect) outline(context, rect, kind, color, pixel, colors.card);
    }
}

function outline(
  context: CanvasRenderingContext2D,
  rect: Rect,
  kind: keyof typeof SIGNS,
  color: string,
  pixel: number,
  ink: string,
): void {
  const gap = 3;
  context.beginPath();
  context.roundRect(rect.x - gap, rect.y - gap, rect.width + 2 * gap, rect.height + 2 * gap, 12);
  context.strokeStyle = color;
  context.lineWidth = Math.max(2.5, 2 * pixel);
  context.setLineDash(kind === "removed" ? [7, 6] : []);
  context.stroke();
  context.setLineDash([]);
  const radius = Math.max(9, 7 * pixel);
  context.beginPath();
  context.arc(rect.x - gap, rect.y - gap, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.fillStyle = ink;
  context.font = `700 ${radius * 1.5}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(SIGNS[kind], rect.x - gap, rect.y - gap + radius * 0.06);
  context.textAlign = "left";
}
