import { readFile } from "node:fs/promises";
import { isFinal } from "@distillery/shared/protocol/events";
import { expect, test } from "../fixtures";
import { coloursOf } from "../pages/runPanels";
import { ComparePage, QueuePanel, RunsTable, SeveralRuns } from "../pages/runsPages";
import { QUICK_STD_2D, unwiredGraph, withParams } from "../product/graphs";

test("a sweep is queued, reordered with the keys, cancelled at once, and compared afterwards", async ({
  editor,
  page,
  api,
}) => {
  // So long that it holds the device until it is cancelled.
  const quick = { ...QUICK_STD_2D, "trainer.steps": 5_000_000 };
  const blocker = await api.start(withParams(await api.template("std-2d"), quick));
  await editor.open();
  await editor.openDocument({
    ...withParams(await api.template("std-2d"), { ...quick, "trainer.steps": 40 }),
    name: "Swept",
  });
  await editor.canvas.focus();
  await editor.press("Shift+R");
  const several = new SeveralRuns(page);
  await several.vary("trainer.learningRate", "Learning rate", "0.001, nonsense");
  await expect(several.sum()).toContainText("needs mending");
  await several.root.getByLabel("Values of Learning rate").fill("0.001, 0.003");
  await several.seeds().fill("2");
  await expect(several.sum()).toHaveText("2 values × 2 seeds = 4 runs");
  await several.start();

  const queue = new QueuePanel(editor);
  await expect(queue.rows()).toHaveCount(5);
  const names = await queue.waiting();
  expect(names.map((name) => /learningRate (\S+), seed/.exec(name)?.[1])).toEqual(["0.001", "0.001", "0.003", "0.003"]);
  // The last one goes first, moved by keys alone.
  await queue.grip("0.003, seed").last().press("Home");
  await expect.poll(() => queue.waiting()).toEqual([names[3], names[0], names[1], names[2]]);
  await page
    .getByRole("button", { name: /^Cancel trainer.learningRate 0.001/ })
    .first()
    .click();
  await expect(queue.rows()).toHaveCount(4);
  await api.control(blocker.id, "cancel");
  await expect
    .poll(async () => (await api.runs()).every(({ status }) => isFinal(status)), { timeout: 40_000 })
    .toBe(true);

  await editor.panels.show("Runs");
  const table = new RunsTable(editor);
  await editor.panels.root.getByLabel("Search label, graph, notes and tags").fill("learningRate");
  await editor.panels.root.getByRole("combobox", { name: "Status" }).selectOption("done");
  await expect(table.row("learningRate")).toHaveCount(3);
  for (const row of await table.row("learningRate").all()) await row.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  const compare = new ComparePage(page);
  await expect(compare.settings().getByRole("row", { name: /Learning rate/ })).toContainText("0.003");
  await expect(compare.results()).toContainText("±");
  // The address alone opens it again.
  await page.reload();
  await expect(compare.results().locator("tbody tr")).toHaveCount(2);
  expect(await coloursOf(compare.root.getByRole("figure", { name: "Loss" }).locator("canvas"))).toBeGreaterThan(3);
  const download = page.waitForEvent("download");
  await compare.root.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Parameters and results as CSV" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\r\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain("trainer.learningRate");
});

test("a run goes on while nobody looks, and the page that comes back has all of it", async ({
  editor,
  page,
  api,
  context,
}) => {
  const quick = withParams(await api.template("std-2d"), QUICK_STD_2D);
  await editor.open();
  await editor.openDocument({ ...withParams(quick, { "trainer.steps": 600 }), name: "Alone" });
  await editor.save();
  const path = editor.path();
  // Holds the device until nobody looks any more.
  const blocker = await api.start(withParams(quick, { "trainer.steps": 5_000_000 }));
  await editor.run();
  await editor.waitForStatus("Queued");
  await expect(page).toHaveTitle("Waiting · Alone - Distillery");
  const run = (await api.runs()).find(({ graphName }) => graphName === "Alone");
  await page.close();
  await api.control(blocker.id, "cancel");
  await api.waitForStatus(run?.id ?? "", "done", 60_000);

  const back = editor.beside(await context.newPage());
  await back.open(path);
  await back.waitForStatus("Done");
  expect(await back.steps()).toEqual({ step: 600, steps: 600 });
  await back.panels.show("Curves");
  expect(await coloursOf(back.panels.chart("Loss").locator("canvas"))).toBeGreaterThan(3);
  await expect(back.page).toHaveTitle("Alone - Distillery");
});

test("a run is found again by what was written on it, and its graph is told from the one on the canvas", async ({
  editor,
  page,
  api,
}) => {
  const document = {
    ...withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 10 }),
    name: "Marked",
  };
  const run = await api.start(document);
  await api.waitForStatus(run.id, "done");
  await editor.open();
  await editor.openDocument(document);
  await editor.panels.show("Runs");
  const table = new RunsTable(editor);
  await table.row("Marked").first().click();
  await table.details().getByLabel("Label").fill("Baseline");
  await table.details().getByLabel("Notes").fill("the one in the paper");
  await table.details().getByLabel("Add a tag").fill("paper");
  await table.details().getByLabel("Add a tag").press("Enter");
  await table.row("Baseline").getByRole("button", { name: "Star Baseline" }).click();
  await expect
    .poll(() => api.run(run.id))
    .toMatchObject({ label: "Baseline", notes: "the one in the paper", tags: ["paper"], starred: true });
  await editor.panels.root.getByLabel("Search label, graph, notes and tags").fill("in the PAPER");
  await editor.panels.root.getByRole("button", { name: "Only starred runs" }).click();
  await expect(table.row("Baseline")).toHaveCount(1);

  await editor.setParam("trainer", "Steps", "25");
  await table.details().getByRole("button", { name: "Differences" }).click();
  const list = page.getByRole("region", { name: "Differences" });
  await expect(list).toContainText("1 difference");
  await expect(list.getByRole("listitem")).toContainText("10 → 25");
  await editor.canvas.reveal("viewer");
  await editor.press("Delete");
  await expect(list.getByRole("button", { name: /^removed: .*Node/ })).toBeVisible();
  await editor.undo();
  await expect(list).toContainText("1 difference");
  await list.getByRole("button", { name: "Stop comparing" }).click();
  await expect(list).toBeHidden();
});

test("a finished run goes on: with the values on the canvas, or with its own graph where another one is open", async ({
  editor,
  api,
}) => {
  const document = {
    ...withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 20, "trainer.schedule": "cosine" }),
    name: "Goes on",
  };
  await editor.open();
  await editor.openDocument(document);
  await editor.run();
  await editor.waitForStatus("Done");
  const table = new RunsTable(editor);
  const goOn = async (row: number) => {
    await editor.panels.show("Runs");
    await table.row("Goes on").nth(row).click();
    await table.continueRun();
  };
  await editor.setParam("trainer", "Learning rate", "0.005");
  await goOn(0);
  await expect.poll(() => editor.steps()).toEqual({ step: 40, steps: 40 });
  await editor.waitForStatus("Done");

  await editor.openDocument(unwiredGraph());
  // The newest is the first: what goes on is the run before it.
  await goOn(1);
  await expect(editor.name()).toHaveText("Goes on");
  await expect.poll(() => editor.steps()).toEqual({ step: 40, steps: 40 });
  await editor.waitForStatus("Done");
  const own = (await api.runs()).filter(({ graphName }) => graphName === "Goes on");
  const rates = await Promise.all(
    own.map(async ({ id }) => (await api.run(id)).graph.nodes.find((node) => node.id === "trainer")?.params),
  );
  expect(rates.map((params) => [params?.steps, params?.learningRate])).toEqual([
    [40, 0.002],
    [40, 0.005],
    [20, 0.002],
  ]);
});
