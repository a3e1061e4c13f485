/** Colours of the current theme for things drawn on a canvas. */
import { onScopeDispose, shallowRef } from "vue";

export const cssColor = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888888";

/** Changes whenever the theme does; read it in whatever draws with `cssColor`. */
export function useThemeName() {
  const root = document.documentElement;
  const name = shallowRef(root.dataset.theme ?? "light");
  const observer = new MutationObserver(() => {
    name.value = root.dataset.theme ?? "light";
  });
  observer.observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  onScopeDispose(() => observer.disconnect());
  return name;
}

/** Opacity of raw curves behind smoothed ones. */
export const FAINT = 0.25;

/** `color` (hex) with an opacity 0..1. */
export function withAlpha(color: string, alpha: number): string {
  const [r, g, b] = rgbOf(color);
  return `rgb(${r} ${g} ${b} / ${alpha})`;
}

/** Red, green and blue 0..255 of `#rrggbb`. */
export function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.replace("#", "").padEnd(6, "0").slice(0, 6), 16);
  return Number.isNaN(value) ? [136, 136, 136] : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Colour of the series at a place, repeating after six. */
export const seriesColor = (place: number): string => cssColor(`--series-${(place % 6) + 1}`);
