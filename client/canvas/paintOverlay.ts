/** Draws what lies above the nodes: marks of a comparison, the selection box and the wire being drawn. */
import type { Viewport } from "../editor/sessionStore";
import type { CanvasColors } from "./canvasColors";
import type { Overlay } from "./gestureHost";
import { type GraphMarks, paintMarks } from "./marks";
import { traceCurve, traceCurves } from "./paintGraph";
import type { Scene } from "./scene";
import type { Rect } from "./spatialIndex";
import { wireCurve } from "./wirePath";

export interface OverlayPicture {
  readonly overlay: Overlay;
  /** Nodes that are pointed at from outside, in graph units. */
  readonly highlights: readonly Rect[];
  readonly viewport: Viewport;
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  readonly colors: CanvasColors;
  readonly scene: Scene;
  readonly marks: GraphMarks | null;
}

export function paintOverlay(context: CanvasRenderingContext2D, picture: OverlayPicture): void {
  const { overlay, viewport, pixelRatio, colors } = picture;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, picture.width * pixelRatio, picture.height * pixelRatio);
  const scale = viewport.zoom * pixelRatio;
  context.setTransform(scale, 0, 0, scale, viewport.x * pixelRatio, viewport.y * pixelRatio);
  if (picture.marks) paintMarks(context, picture.marks, picture.scene, viewport.zoom, colors);
  const { marquee, draft, insertion } = overlay;
  if (insertion) {
    context.beginPath();
    traceCurves(context, insertion);
    context.strokeStyle = colors.accent;
    context.lineCap = "round";
    for (const [alpha, width] of [
      [0.25, 10],
      [1, 3],
    ] as const) {
      context.globalAlpha = alpha;
      context.lineWidth = width;
      context.stroke();
    }
  }
  for (const { x, y, width, height } of picture.highlights) {
    const margin = 6 / Math.max(0.4, viewport.zoom);
    context.beginPath();
    context.roundRect(x - margin, y - margin, width + 2 * margin, height + 2 * margin, 12);
    context.strokeStyle = colors.accent;
    context.fillStyle = colors.accent;
    context.globalAlpha = 0.1;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 2.5 / Math.max(0.4, viewport.zoom);
    context.stroke();
  }
  if (marquee) {
    context.fillStyle = colors.accent;
    context.globalAlpha = 0.1;
    context.fillRect(marquee.x, marquee.y, marquee.width, marquee.height);
    context.globalAlpha = 1;
    context.strokeStyle = colors.accent;
    context.lineWidth = 1 / viewport.zoom;
    context.strokeRect(marquee.x, marquee.y, marquee.width, marquee.height);
  }
  if (!draft) return;
  const free = draft.target?.at ?? draft.pointer;
  const forwards = draft.anchor.place.side === "output";
  const color = draft.anchor.place.type ? colors.wire[draft.anchor.place.type] : colors.unknown;
  context.beginPath();
  traceCurve(context, forwards ? wireCurve(draft.anchor.at, free) : wireCurve(free, draft.anchor.at));
  context.strokeStyle = overlay.refusal === null ? color : colors.danger;
  context.lineWidth = 2.4;
  context.lineCap = "round";
  context.setLineDash(draft.target ? [] : [7, 6]);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.arc(free.x, free.y, draft.target ? 7 : 4, 0, 2 * Math.PI);
  context.fillStyle = context.strokeStyle;
  context.fill();
}
