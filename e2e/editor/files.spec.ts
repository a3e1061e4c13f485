import { GRAPH_KEYWORD, readPngText } from "@distillery/shared/image/pngText";
import { expect, test } from "../fixtures";
import { unwiredGraph } from "../product/graphs";

const WIRE = "data.dataset>start.dataset";

test("unsaved work survives a reload; saving gives the graph an address of its own", async ({ editor, api }) => {
  await editor.open();
  await editor.openDocument(unwiredGraph());
  await editor.canvas.reveal("data", "start");
  await editor.canvas.connect("data.dataset", "start.dataset");
  await expect(editor.saveState()).toHaveText("Unsaved");
  await editor.reload();
  expect(await editor.wires()).toEqual([WIRE]);

  await editor.save();
  expect(editor.path()).toMatch(/^\/g\/.+/);
  const id = editor.path().slice(3);
  expect((await api.graph(id)).graph.edges).toHaveLength(1);
  await editor.reload();
  await expect(editor.saveState()).toHaveText("Saved");
  expect(await editor.wires()).toEqual([WIRE]);
});

test("a stale save loses nothing: the conflict is shown and can be settled", async ({
  editor,
  api,
  expectedErrors,
}) => {
  expectedErrors.push(/412/);
  const { id } = await api.saveNew(unwiredGraph());
  await editor.open(`/g/${id}`);
  await editor.setParam("schedule", "Solver nodes", "25");

  // Meanwhile somebody else saves.
  const theirs = await api.graph(id);
  await api.save(id, theirs.revision, { ...theirs.graph, name: "Theirs" });
  const stale = await api.send("PUT", `/api/graphs/${id}`, theirs.graph, { "if-match": `"${theirs.revision}"` });
  expect(stale.status).toBe(412);

  await editor.press("Control+s");
  const dialog = editor.dialog("This graph was saved somewhere else");
  await expect(dialog).toContainText("Nothing is lost");
  await dialog.getByRole("button", { name: "Save mine on top" }).click();
  await expect(editor.saveState()).toHaveText("Saved");
  const versions = await api.versions(id);
  expect(versions.map(({ name }) => name)).toContain("Theirs");
  const now = await api.graph(id);
  expect(now.graph.name).toBe("Unwired");
  expect(now.graph.nodes.find((node) => node.id === "schedule")?.params.nodes).toBe(25);
});

test("older versions can be put back", async ({ editor, api }) => {
  const { id } = await api.saveNew(unwiredGraph());
  await editor.open(`/g/${id}`);
  await editor.canvas.reveal("data", "start");
  await editor.canvas.connect("data.dataset", "start.dataset");
  await editor.save();
  await editor.menu("Versions");
  const dialog = editor.dialog("Versions");
  await dialog.getByRole("button", { name: /Revision 1/ }).click();
  await expect(dialog).toContainText("3 nodes, 0 wires");
  await dialog.getByRole("button", { name: "Restore this version" }).click();
  await expect(dialog).toBeHidden();
  expect(await editor.wires()).toEqual([]);
  await editor.save();
  expect(await api.versions(id)).toHaveLength(3);
});

test("a share link opens read-only in another browser, and can be forked", async ({ editor, api, browser }) => {
  await editor.open();
  await editor.openDocument({ ...unwiredGraph(), name: "Shared work" });
  const link = await editor.share();
  const source = editor.path().slice(3);

  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const visitor = editor.beside(page);
    await page.goto(link);
    await visitor.canvas.root.waitFor();
    await expect(page.getByText("Shared, read only")).toBeVisible();
    await expect(page.getByTestId("run")).toBeHidden();
    await expect(page.getByRole("navigation", { name: "Node palette" })).toBeHidden();
    await visitor.canvas.select("start");
    await expect(visitor.param("Noise share")).toBeDisabled();
    await visitor.press("Delete");
    await expect(visitor.canvas.node("start")).toBeVisible();

    await page.getByRole("button", { name: "Fork" }).click();
    await expect(page.getByTestId("run")).toBeVisible();
    await expect(visitor.name()).toHaveText("Shared work (fork)");
    await visitor.canvas.select("start");
    await visitor.press("Delete");
    await expect(visitor.canvas.node("start")).toBeHidden();
  } finally {
    await context.close();
  }
  expect((await api.graph(source)).graph.nodes).toHaveLength(3);
});

test("JSON goes out and comes back the same; nonsense is refused with a reason", async ({ editor, api }) => {
  await editor.openPoints();
  const graph = await editor.graph();
  expect(graph.nodes).toHaveLength((await api.template("std-2d")).nodes.length);
  await editor.openDocument({ ...graph, name: "Came back" });
  const back = await editor.graph();
  expect({ ...back, viewport: null }).toEqual({ ...graph, name: "Came back", viewport: null });

  await editor.importFile("nonsense.json", new TextEncoder().encode("{"));
  await expect(editor.notice("neither a graph in JSON nor a PNG")).toBeVisible();
  await expect(editor.name()).toHaveText("Came back");
});

test("the PNG of a graph carries the graph: dropped on the canvas it opens again", async ({ editor, page }) => {
  await editor.openPoints();
  const graph = await editor.graph();
  const { name, bytes } = await editor.exportPng();
  expect(name).toMatch(/\.png$/);
  expect(JSON.parse(readPngText(bytes, GRAPH_KEYWORD) ?? "null")).toEqual(graph);
  // It is a picture of the graph, too.
  const size = await page.evaluate(async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
    const { width, height } = await createImageBitmap(blob);
    return { width, height };
  }, Buffer.from(bytes).toString("base64"));
  expect(size.width).toBeGreaterThan(1000);
  expect(size.height).toBeGreaterThan(500);

  await editor.openDocument(unwiredGraph());
  await editor.dropFile(name, bytes);
  // The imported graph is not saved yet, so it keeps its tab.
  await expect(editor.tab("Unwired")).toBeVisible();
  await expect(editor.name()).toHaveText(graph.name);
  expect({ ...(await editor.graph()), viewport: null }).toEqual({ ...graph, viewport: null });
});
