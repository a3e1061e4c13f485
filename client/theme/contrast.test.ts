/** Text on every surface it may stand on meets WCAG 2.2 AA (1.4.3: 4.5 to 1), marks and rings 1.4.11 (3 to 1), in both themes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");
const [lightText = "", darkText = ""] = css.split(':root[data-theme="dark"]');
const tokensOf = (text: string) =>
  new Map([...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
const light = tokensOf(lightText);
const themes = { light, dark: new Map([...light, ...tokensOf(darkText)]) };

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const SURFACES = ["bg", "canvas", "surface", "surface-2", "card"];
const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ["text", [...SURFACES, "surface-3", "accent-soft", "danger-soft", "warning-soft", "success-soft"]],
  ["text-2", [...SURFACES, "surface-3", "accent-soft"]],
  ["text-3", SURFACES],
  ["accent-ink", [...SURFACES, "accent-soft"]],
  ["accent-text", ["accent", "accent-hover"]],
  ["danger", [...SURFACES, "danger-soft"]],
  ["warning", [...SURFACES, "warning-soft"]],
  ["success", [...SURFACES, "success-soft"]],
  ["info", SURFACES],
];
const marks = [...light.keys()].filter((name) => /^(wire|family|series)-/.test(name));

describe.each(Object.entries(themes))("%s theme", (_, tokens) => {
  const under = (least: number, pairs: readonly (readonly [string, string])[]) =>
    pairs
      .map(([front, back]) => [front, back, contrast(tokens.get(front) ?? "", tokens.get(back) ?? "")] as const)
      .filter(([, , ratio]) => !(ratio >= least))
      .map(([front, back, ratio]) => `${front} on ${back}: ${ratio.toFixed(2)}`);

  it("has text that can be read", () => {
    expect(
      under(
        4.5,
        TEXT.flatMap(([front, backs]) => backs.map((back) => [front, back] as const)),
      ),
    ).toEqual([]);
  });
  it("has wires, marks and focus rings that can be seen", () => {
    const fronts = [...marks, "accent", "focus"];
    expect(
      under(
        3,
        fronts.flatMap(
          (front) =>
            [
              [front, "canvas"],
              [front, "card"],
            ] as const,
        ),
      ),
    ).toEqual([]);
  });
});
