/** axe-core finds nothing serious in the views, in either theme. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, test } from "../fixtures";
import { LONG_STD_2D, scoredStyleGraph, withParams } from "../product/graphs";

declare global {
  interface Window {
    axe: { run(within: string, options: object): Promise<AxeResults> };
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe calls serious or worse, one line for each place. */
async function findings(page: Page, view: string, within = "body"): Promise<string[]> {
  // As from the browser's console: the content security policy forbids foreign scripts in the page.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (selector) =>
      window.axe.run(selector, {
        resultTypes: ["violations"],
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      }),
    within,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${view}: ${id} at ${target.join(" ")}`));
}

const DOCK = 'section[aria-label="Panels"]';
const PANELS = ["Trajectories", "Curves", "Evaluation", "Wire", "Profile", "Queue", "Runs", "Issues", "Log"] as const;

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

  test(`axe finds nothing serious in the ${theme} panels, during a run and after it`, async ({ editor, api, page }) => {
    test.setTimeout(180_000);
    await page.addInitScript((mode) => localStorage.setItem("distillery.theme", mode), theme);
    const { id } = await api.saveNew(withParams(await api.template("std-2d"), LONG_STD_2D));
    await editor.open(`/g/${id}`);
    await editor.run();
    await editor.panels.show("Trajectories");
    await editor.panels.cells("Student").first().waitFor();
    const found: string[] = [];
    const readPanels = async (when: string) => {
      for (const panel of PANELS) {
        await editor.panels.show(panel);
        await editor.panels.content().waitFor();
        found.push(...(await findings(page, `${panel} ${when}`, DOCK)));
      }
    };
    await readPanels("during the run");
    await editor.cancel();
    await readPanels("after it");

    await editor.panels.show("Runs");
    await editor.panels.runs().first().click();
    await editor.panels.root.getByRole("complementary").waitFor();
    found.push(...(await findings(page, "run details", DOCK)));
    await page.getByRole("button", { name: "More ways to run" }).click();
    await editor.choose("Run several");
    await editor.dialog("Run several").waitFor();
    found.push(...(await findings(page, "run several")));
    await editor.press("Escape");
    await page.getByTestId("share").click();
    await expect(page.getByLabel("Share link")).toHaveValue(/^http/);
    found.push(...(await findings(page, "share")));
    expect(found).toEqual([]);
  });
}

test("axe finds nothing serious in results of the arena and the playground", async ({ playground, api, page }) => {
  test.setTimeout(180_000);
  const graph = scoredStyleGraph(await api.template("std-style-32"));
  const arena = await api.startArena({
    methods: [{ id: "quick", title: "Quick", graph }],
    seeds: 1,
    budget: { updates: 2 },
    nfe: [2, 1],
    guidance: [2],
    scorers: ["ssim", "psnr"],
    evaluation: { batch: 4, teacherNfe: 3, pictures: 4 },
  });
  const run = await api.start(graph);
  await api.waitForStatus(run.id, "done");
  const found: string[] = [];
  const readBoth = async (view: string) => {
    for (let i = 0; i < 2; i++) {
      found.push(...(await findings(page, `${view}, ${await page.locator("html").getAttribute("data-theme")}`)));
      await page.getByRole("button", { name: "Light or dark" }).click();
    }
  };
  await page.goto(new URL(`/arena/${arena}`, playground.address).href);
  await expect(page.getByRole("status").first()).toHaveText(/^Done/, { timeout: 120_000 });
  await page.getByRole("region", { name: "Pictures" }).getByRole("img").first().waitFor();
  await readBoth("arena");
  await playground.open(run.id);
  await playground.restyle();
  await readBoth("playground");
  expect(found).toEqual([]);
});
