/** The theme's colours as the canvas needs them: read once per theme, never while drawing. */
import { WIRE_TYPES, type WireType } from "@distillery/shared/graph/wires";

export interface CanvasColors {
  readonly wire: Readonly<Record<WireType, string>>;
  readonly unknown: string;
  readonly card: string;
  readonly border: string;
  readonly accent: string;
  readonly danger: string;
  readonly heat: string;
  readonly success: string;
  readonly warning: string;
  readonly canvas: string;
  readonly text: string;
  readonly muted: string;
  family(name: string): string;
}

export function readCanvasColors(element: Element): CanvasColors {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim() || "#888888";
  const families = new Map<string, string>();
  const wire = Object.fromEntries(WIRE_TYPES.map((type) => [type, read(`--wire-${type}`)]));
  return {
    wire: wire as Record<WireType, string>,
    unknown: read("--text-3"),
    card: read("--card"),
    border: read("--border-strong"),
    accent: read("--accent"),
    danger: read("--danger"),
    heat: read("--heat-color"),
    success: read("--success"),
    warning: read("--warning"),
    canvas: read("--canvas"),
    text: read("--text"),
    muted: read("--text-3"),
    family(name) {
      const known = families.get(name);
      if (known !== undefined) return known;
      const color = read(`--family-${name}`);
      families.set(name, color);
      return color;
    },
  };
}
