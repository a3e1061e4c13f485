/** A small picture of 2-D paths for the viewer's card on the canvas. */
import { cssColor } from "../viewers/theme";
import { densityPicture, paintPaths } from "../viewers/trajectory/paintPaths";
import { boundsOf } from "../viewers/trajectory/pathGeometry";
import type { Density, Paths } from "../viewers/trajectory/viewerData";

const SIDE = 248;

/** Null where the browser cannot draw off the screen. The caller closes the bitmap. */
export function pathThumbnail(paths: Paths, density: Density, isDark: boolean): ImageBitmap | null {
  if (typeof OffscreenCanvas === "undefined") return null;
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  if (!context) return null;
  const bounds = boundsOf(density, density.length > 0 ? undefined : paths);
  const scene = {
    bounds,
    density: densityPicture(density, bounds, cssColor("--wire-dataset"), isDark),
    teacher: paths.teacher.curves,
    student: paths.students[0]?.curves ?? null,
    progress: 1,
    highlighted: null,
  };
  paintPaths(context, SIDE, scene, {
    grid: cssColor("--border"),
    teacher: cssColor("--series-1"),
    student: cssColor("--series-2"),
    head: cssColor("--surface"),
  });
  return canvas.transferToImageBitmap();
}
