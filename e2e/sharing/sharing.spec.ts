/** Graphs that leave this editor: links with a run inside, files, documents of other versions. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "../fixtures";
import { QUICK_STD_2D, unwiredGraph, withParams } from "../product/graphs";

test("a link shows the run's trajectories and curves to anyone, until it is revoked", async ({
  editor,
  api,
  browser,
  page,
  expectedErrors,
}) => {
  expectedErrors.push(/404/);
  const { id } = await api.saveNew(withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 6 }));
  const started = await api.startSaved(id);
  await api.waitForStatus(started.id, "done");
  await editor.open(`/g/${id}`);
  const link = await editor.share();

  const context = await browser.newContext();
  try {
    const visitor = await context.newPage();
    const asked: string[] = [];
    visitor.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await visitor.goto(link);
    const run = visitor.getByRole("region", { name: "Recorded run" });
    await expect(run).toContainText("Done, 6 steps");
    await expect(run.getByRole("button", { name: /^Student at t = / }).first()).toBeEnabled();
    await run.getByRole("tab", { name: "Curves" }).click();
    await expect(run.getByRole("heading", { name: "Loss", exact: true })).toBeVisible();
    expect(asked.filter((path) => path.startsWith("/api/") && !/^\/api\/(shared|packs)/.test(path))).toEqual([]);
    await expect(visitor.locator('meta[property="og:image"]')).toHaveAttribute("content", /preview\.png$/);

    await page.getByTestId("share").click();
    const dialog = editor.dialog("Share");
    await dialog.getByLabel("Expires").selectOption({ label: "In 7 days" });
    await expect(dialog.getByText("expires in 7 days")).toBeVisible();
    // Links of other graphs may be there; the newest comes first.
    const links = dialog.getByRole("button", { name: /^Revoke/ });
    const before = await links.count();
    await links.first().click();
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    await expect(links).toHaveCount(before - 1);
    await visitor.reload();
    await expect(visitor.getByText("This link leads nowhere")).toBeVisible();
  } finally {
    await context.close();
  }
});

test("the page of a graph opens from a file, with its run, and asks nobody", async ({
  editor,
  api,
  browser,
  folder,
}) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 4 }));
  await editor.run();
  await editor.waitForStatus("Done");
  const graph = await editor.graph();
  const { name, bytes } = await editor.exportFile("Export as a page (HTML), run inside");
  expect(name).toMatch(/\.html$/);
  expect(bytes.length).toBeLessThan(4_000_000);
  const file = join(folder, "graph.html");
  await writeFile(file, bytes);

  const context = await browser.newContext({ offline: true });
  const errors: string[] = [];
  context.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  context.on("weberror", (error) => errors.push(error.error().message));
  try {
    const reader = await context.newPage();
    await reader.goto(pathToFileURL(file).href);
    const run = reader.getByRole("region", { name: "Recorded run" });
    await expect(run).toContainText("Done, 4 steps");
    await expect(run.getByRole("button", { name: /^Teacher at t = / }).first()).toBeEnabled();
    const drawing = reader.getByRole("application");
    await expect(drawing.locator("[data-node]")).toHaveCount(graph.nodes.length);
    const before = await drawing.locator("svg").getAttribute("viewBox");
    await drawing.press("+");
    await expect(drawing.locator("svg")).not.toHaveAttribute("viewBox", before ?? "");
    await reader.getByRole("combobox", { name: "Node" }).selectOption("trainer");
    await expect(reader.getByRole("complementary", { name: "Node" })).toContainText("train/trainer");
    expect(errors).toEqual([]);
  } finally {
    await context.close();
  }

  // All files of a graph are the graph.
  const svg = await editor.exportFile("Export as SVG, graph inside");
  expect(new TextDecoder().decode(svg.bytes)).toContain("<text");
  for (const each of [{ name, bytes }, svg]) {
    await editor.openDocument(unwiredGraph());
    await editor.dropFile(each.name, each.bytes);
    await expect(editor.name()).toHaveText(graph.name);
    expect({ ...(await editor.graph()), viewport: null }).toEqual({ ...graph, viewport: null });
  }
});

test("the page of a graph opens its folded parts", async ({ editor, api, browser, folder }) => {
  await editor.open();
  await editor.openDocument(await api.template("hyper-sd"));
  const { bytes } = await editor.exportFile("Export as a page (HTML), run inside");
  const file = join(folder, "folded.html");
  await writeFile(file, bytes);
  const context = await browser.newContext({ offline: true });
  try {
    const reader = await context.newPage();
    await reader.goto(pathToFileURL(file).href);
    const drawing = reader.getByRole("application");
    const way = reader.getByRole("navigation", { name: "Open sheet" });
    await drawing.getByText("Losses", { exact: true }).dblclick();
    await expect(way).toContainText("Losses");
    await expect(drawing.getByText("Inputs", { exact: true })).toBeVisible();
    await drawing.press("Escape");
    await expect(way).not.toContainText("Losses");
    await reader.getByRole("combobox", { name: "Node" }).selectOption({ label: "Training" });
    await reader.getByRole("button", { name: "Open this part" }).click();
    await expect(drawing).toBeFocused();
    await expect(way).toContainText("Training");
    await way.getByRole("button").click();
    await expect(way).not.toContainText("Training");
  } finally {
    await context.close();
  }
});

test("a link of this server and a document of another version come in; nothing of them is lost", async ({
  editor,
  api,
  page,
}) => {
  const saved = await api.saveNew({ ...unwiredGraph(), name: "By its link" });
  await editor.open();
  await editor.menu("Import a link or text");
  const dialog = editor.dialog("Import a link or text");
  const text = dialog.getByLabel("Link or JSON");
  await text.fill("https://elsewhere.example/s/abc");
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(dialog.getByRole("alert")).toContainText("elsewhere.example is another server");
  await text.fill(new URL(`/g/${saved.id}`, page.url()).href);
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(editor.name()).toHaveText("By its link");

  const foreign = { ...unwiredGraph(), name: "Foreign", mood: "calm" };
  const nodes = [...foreign.nodes, { id: "later", type: "loss/later", params: { x: 1 }, position: { x: 600, y: 0 } }];
  await editor.importFile("foreign.json", new TextEncoder().encode(JSON.stringify({ ...foreign, nodes })));
  await expect(editor.name()).toHaveText("Foreign");
  await page.getByRole("button", { name: "What changed" }).click();
  const report = editor.dialog("What opening this graph changed");
  await expect(report).toContainText("The field “mood” of the graph is not known here; it is kept.");
  await expect(report).toContainText("loss/later");
  await report.getByRole("button", { name: "Good" }).click();
  expect(await editor.exportedJson()).toMatchObject({ mood: "calm", nodes: expect.arrayContaining([nodes.at(-1)]) });

  const newer = { ...foreign, name: "Newer", version: 9 };
  await editor.importFile("newer.json", new TextEncoder().encode(JSON.stringify(newer)));
  await expect(editor.name()).toHaveText("Newer");
  await expect(editor.saveState()).toHaveText("Read only");
  await expect(editor.notice("written by a newer Distillery (document version 9)")).toBeVisible();
  await editor.canvas.select("start");
  await editor.press("Delete");
  await expect(editor.canvas.node("start")).toBeVisible();
  expect(await editor.exportedJson()).toEqual(newer);
});
