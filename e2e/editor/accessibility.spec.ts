/** axe-core finds nothing serious in the views, in either theme. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, test } from "../fixtures";

declare global {
  interface Window {
    axe: { run(options: object): Promise<AxeResults> };
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe calls serious or worse, one line for each place. */
async function findings(page: Page, view: string): Promise<string[]> {
  // As from the browser's console: the content security policy forbids foreign scripts in the page.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run({
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${view}: ${id} at ${target.join(" ")}`));
}

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing serious in the ${theme} views`, async ({ editor, api, page }) => {
    await page.addInitScript((mode) => localStorage.setItem("distillery.theme", mode), theme);
    const { id } = await api.saveNew(await api.template("std-2d"));
    await editor.open(`/g/${id}`);
    const found = await findings(page, "editor");
    const dialogs: readonly [name: string, open: () => Promise<void>][] = [
      ["Keyboard and mouse", () => editor.press("?")],
      ["Search everything", () => editor.press("Control+k")],
      ["Settings", () => editor.menu("Settings")],
      ["Open a graph", () => editor.menu("Templates and saved graphs")],
    ];
    for (const [name, open] of dialogs) {
      await editor.canvas.focus();
      await open();
      await editor.dialog(name).waitFor();
      found.push(...(await findings(page, name)));
      await editor.press("Escape");
      await editor.dialog(name).waitFor({ state: "hidden" });
    }
    const link = await editor.share();
    for (const path of ["/playground", "/arena", "/help", "/help/solver/ddim", "/compare", link]) {
      await page.goto(new URL(path, editor.address).href);
      await page
        .getByRole(path === link ? "application" : "main")
        .first()
        .waitFor();
      found.push(...(await findings(page, path)));
    }
    expect(found).toEqual([]);
  });
}
