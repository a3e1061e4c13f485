/** Panning from afar moves a picture drawn a little larger than the view, instead of drawing thousands of boxes anew. */
import type { Viewport } from "../editor/sessionStore";
import { type GraphPicture, paintGraph } from "./paintGraph";

/** The picture reaches this far outside the view, as a share of the view's own size. */
const MARGIN = 0.25;

export class FlatPicture {
  private readonly canvas: HTMLCanvasElement = document.createElement("canvas");
  private drawn: { viewport: Viewport; pixelRatio: number; marginX: number; marginY: number } | null = null;

  /** The graph, a selection or a colour has changed: what was drawn is worth nothing. */
  forget(): void {
    this.drawn = null;
  }

  /** Paints `picture`, of which nothing but the position of the view may have changed since `forget`. */
  paint(context: CanvasRenderingContext2D, picture: GraphPicture): void {
    const { viewport, width, height, pixelRatio } = picture;
    const drawn = this.covers(picture) ?? this.draw(picture);
    const left = (viewport.x - drawn.viewport.x - drawn.marginX) * pixelRatio;
    const top = (viewport.y - drawn.viewport.y - drawn.marginY) * pixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width * pixelRatio, height * pixelRatio);
    // Whole pixels: otherwise the picture is smoothed at every step.
    context.drawImage(this.canvas, Math.round(left), Math.round(top));
  }

  private covers({ viewport, pixelRatio }: GraphPicture) {
    const { drawn } = this;
    return drawn !== null &&
      drawn.viewport.zoom === viewport.zoom &&
      drawn.pixelRatio === pixelRatio &&
      Math.abs(viewport.x - drawn.viewport.x) <= drawn.marginX &&
      Math.abs(viewport.y - drawn.viewport.y) <= drawn.marginY
      ? drawn
      : null;
  }

  private draw(picture: GraphPicture) {
    const { viewport, pixelRatio } = picture;
    const marginX = Math.round(picture.width * MARGIN);
    const marginY = Math.round(picture.height * MARGIN);
    const width = picture.width + 2 * marginX;
    const height = picture.height + 2 * marginY;
    const columns = Math.ceil(width * pixelRatio);
    const rows = Math.ceil(height * pixelRatio);
    if (this.canvas.width !== columns || this.canvas.height !== rows) {
      this.canvas.width = columns;
      this.canvas.height = rows;
    }
    const context = this.canvas.getContext("2d");
    const shifted = { ...viewport, x: viewport.x + marginX, y: viewport.y + marginY };
    if (context) paintGraph(context, { ...picture, viewport: shifted, width, height });
    this.drawn = { viewport, pixelRatio, marginX, marginY };
    return this.drawn;
  }
}
