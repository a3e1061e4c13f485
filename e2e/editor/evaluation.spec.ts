import { readFile } from "node:fs/promises";
import { expect, test } from "../fixtures";
import { scoredStyleGraph } from "../product/graphs";

test("teacher and students are scored while they train: table, plot, CSV, and again after a reload", async ({
  editor,
  api,
  page,
}) => {
  await editor.open();
  await editor.panels.show("Evaluation");
  await expect(editor.panels.content()).toContainText("Nothing evaluated yet");
  await editor.openDocument(scoredStyleGraph(await api.template("std-style-32")));
  await editor.save();
  await editor.run();
  await editor.panels.show("Evaluation");
  // One teacher path, and a student with two numbers of evaluations at two guidance scales.
  await expect(editor.panels.scores()).toHaveCount(5, { timeout: 60_000 });
  await editor.waitForStatus("Done", 60_000);
  await expect(editor.panels.scores().first()).toContainText("±");

  // A click on a heading puts the best on top.
  const scores = async () =>
    (await editor.panels.scores().allTextContents()).map((text) => Number(/(-?[\d.]+)\s*±/.exec(text)?.[1]));
  const heading = editor.panels.content().getByRole("columnheader", { name: /^SSIM(?! to)/ });
  await heading.getByRole("button").click();
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  const sorted = await scores();
  expect(sorted).toEqual([...sorted].sort((a, b) => b - a));

  // Arrow keys walk from marker to marker.
  const plot = editor.panels.scorePlot();
  await plot.getByRole("application").focus();
  await page.keyboard.press("ArrowRight");
  await expect(plot.getByRole("status")).toContainText("NFE");
  await plot.getByLabel("Vertical axis").selectOption({ label: "PSNR" });
  await expect(plot.getByRole("application")).toHaveAccessibleName(/^PSNR over/);
  await plot.getByRole("button", { name: "Download the plot" }).click();
  const [picture] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "SVG" }).click(),
  ]);
  const drawing = await readFile(await picture.path(), "utf8");
  expect(drawing).toMatch(/^<svg .*PSNR/s);
  expect(drawing).not.toContain("var(--");

  // The file holds what the screen shows.
  const [csv] = await Promise.all([
    page.waitForEvent("download"),
    editor.panels.content().getByRole("button", { name: "CSV" }).click(),
  ]);
  const lines = (await readFile(await csv.path(), "utf8")).trim().split("\r\n");
  expect(lines).toHaveLength(6);
  expect(lines[0]).toContain("ssim_mean,ssim_low,ssim_high,ssim_n");
  expect(lines.filter((line) => line.includes(",student,"))).toHaveLength(4);

  await editor.reload();
  await editor.panels.show("Evaluation");
  await expect(editor.panels.scores()).toHaveCount(5);

  // Beside another run: the teacher and four students, each in every score.
  const again = await api.start(scoredStyleGraph(await api.template("std-style-32")), { seed: 5 });
  await api.waitForStatus(again.id, "done");
  await editor.panels.show("Runs");
  await expect(editor.panels.runs().nth(1)).toBeVisible();
  for (const run of [0, 1]) await editor.panels.runs().nth(run).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  const both = page.getByRole("main", { name: "Compare" }).getByRole("table", { name: "Scores of all runs" });
  const metrics = (lines[0] ?? "").split(",").filter((column) => column.endsWith("_mean"));
  await expect(both.getByRole("row")).toHaveCount(1 + 5 * metrics.length);
  await expect(both).toContainText("NFE 4, guidance");
});
