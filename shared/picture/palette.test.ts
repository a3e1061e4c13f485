import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DARK, LIGHT, type Palette } from "./palette";

/** The colours of one theme in `client/theme/tokens.css`, by their names there. */
function tokens(theme: "light" | "dark"): Record<string, string> {
  const css = readFileSync(new URL("../../client/theme/tokens.css", import.meta.url), "utf8");
  const [light = "", dark = ""] = css.split(':root[data-theme="dark"]');
  const found = (theme === "light" ? light : dark).matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g);
  return Object.fromEntries([...found].map(([, name = "", color = ""]) => [name, color]));
}
const named = ({ wire, family, ...plain }: Palette): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(plain).map(([name, color]) => [
      name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`).replace(/(\d)$/, "-$1"),
      color,
    ]),
  ),
  ...Object.fromEntries(Object.entries(wire).map(([name, color]) => [`wire-${name}`, color])),
  ...Object.fromEntries(Object.entries(family).map(([name, color]) => [`family-${name}`, color])),
});

test.each([
  ["light", LIGHT],
  ["dark", DARK],
] as const)("the %s picture has the editor's colours", (theme, palette) => {
  expect(tokens(theme)).toMatchObject(named(palette));
});
