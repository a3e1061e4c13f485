import { expect, test } from "../fixtures";
import { unwiredGraph } from "../product/graphs";

test.beforeEach(async ({ editor }) => {
  await editor.open();
  await editor.openDocument(unwiredGraph());
  await editor.canvas.reveal("data", "schedule", "start");
});

test("a wire is drawn from socket to socket, and undone and redone", async ({ editor }) => {
  await editor.canvas.connect("data.dataset", "start.dataset");
  await editor.canvas.connect("schedule.schedule", "start.schedule");
  const both = ["data.dataset>start.dataset", "schedule.schedule>start.schedule"];
  expect(await editor.wires()).toEqual(both);

  await editor.undo();
  expect(await editor.wires()).toEqual(both.slice(0, 1));
  await editor.redo();
  expect(await editor.wires()).toEqual(both);
});

test("a wrong wire is refused and says why", async ({ editor, page }) => {
  await editor.canvas.hold("schedule.schedule", "start.dataset");
  await expect(editor.canvas.refusal()).toContainText("gives a schedule");
  await expect(editor.canvas.refusal()).toContainText("takes a dataset");
  await editor.canvas.letGo();
  // It can be read after the drop, too.
  await expect(editor.canvas.refusal()).toContainText("takes a dataset");
  await page.keyboard.press("Escape");
  await expect(editor.canvas.refusal()).toBeHidden();
  expect(await editor.wires()).toEqual([]);
});

test("a wire dropped on empty canvas offers the nodes that fit, and wires the chosen one", async ({ editor, page }) => {
  await editor.canvas.dropOnEmpty("start.x", 60, 180);
  const menu = editor.canvas.addMenu();
  const offered = await menu.getByRole("option").allTextContents();
  expect(offered.some((text) => text.includes("DDIM"))).toBe(true);
  expect(offered.some((text) => text.includes("Noise schedule"))).toBe(false);

  await menu.getByRole("combobox").fill("ddim");
  await page.keyboard.press("Enter");
  await expect(menu).toBeHidden();
  const graph = await editor.graph();
  const solver = graph.nodes.find(({ type }) => type === "solver/ddim");
  expect(graph.edges).toEqual([{ from: { node: "start", socket: "x" }, to: { node: solver?.id, socket: "x" } }]);

  // One step back takes the node and its wire away together.
  await editor.undo();
  const before = await editor.graph();
  expect(before.nodes.map(({ id }) => id)).toEqual(["data", "schedule", "start"]);
  expect(before.edges).toEqual([]);
});

test("a wire is deleted by Delete or by pulling it off; deleting a node takes its wires along", async ({ editor }) => {
  await editor.canvas.connect("data.dataset", "start.dataset");
  await editor.canvas.connect("schedule.schedule", "start.schedule");

  await editor.canvas.clickWire("data.dataset", "start.dataset");
  await editor.press("Delete");
  expect(await editor.wires()).toEqual(["schedule.schedule>start.schedule"]);

  await editor.canvas.pullOff("start.schedule", -40, 200);
  expect(await editor.wires()).toEqual([]);

  await editor.undo();
  await editor.undo();
  expect(await editor.wires()).toHaveLength(2);
  await editor.canvas.select("start");
  await editor.press("Delete");
  await expect(editor.canvas.node("start")).toBeHidden();
  expect(await editor.wires()).toEqual([]);
  await editor.undo();
  expect(await editor.wires()).toHaveLength(2);
});

test("moves and parameters are undone one by one", async ({ editor }) => {
  const position = async () => (await editor.graph()).nodes.find(({ id }) => id === "start")?.position;
  const first = await position();
  await editor.canvas.moveNode("start", 80, 60);
  const moved = await position();
  expect(moved).not.toEqual(first);

  await editor.setParam("schedule", "Solver nodes", "20");
  await editor.setParam("schedule", "Solver nodes", "25");
  const nodes = async () => (await editor.graph()).nodes.find(({ id }) => id === "schedule")?.params.nodes;
  expect(await nodes()).toBe(25);
  await editor.undo();
  expect(await nodes()).toBe(20);
  await expect(editor.param("Solver nodes")).toHaveValue("20");
  await editor.undo();
  expect(await position()).toEqual(moved);
  await editor.undo();
  expect(await position()).toEqual(first);
  await editor.redo();
  expect(await position()).toEqual(moved);
});

test("nodes are added from the palette, copied, pasted and duplicated", async ({ editor }) => {
  const types = async () => (await editor.graph()).nodes.map(({ type }) => type).sort();
  await editor.canvas.reveal("data", "start");
  await editor.press("Control+c", "Control+v", "Control+d");
  const all = await types();
  expect(all.filter((type) => type === "data/points-2d")).toHaveLength(3);
  expect(all.filter((type) => type === "data/start")).toHaveLength(3);
  await editor.undo();
  await editor.undo();
  expect(await types()).toEqual(["data/points-2d", "data/start", "schedule/vp"]);

  await editor.addNode("trainer");
  expect(await types()).toContain("train/trainer");
});

test("a value out of range is refused in the form, with the reason", async ({ editor }) => {
  await editor.setParam("data", "Points", "-5");
  await expect(editor.param("Points")).toHaveAttribute("aria-invalid", "true");
  await expect(editor.inspector().getByRole("alert")).toBeVisible();
  await editor.undo();
  await expect(editor.inspector().getByRole("alert")).toBeHidden();
});
