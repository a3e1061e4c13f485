import { edgeKey, type GraphDocument } from "@distillery/shared/graph/document";
import { expect, test } from "../fixtures";
import { QUICK_STD_2D, withParams } from "../product/graphs";

const plain = ({ nodes, edges, subgraphs }: GraphDocument) => ({
  nodes: nodes.map(({ id, params, position }) => ({ id, params, position })),
  edges: edges.map(edgeKey),
  subgraphs,
});

test("three nodes fold into one, run as before, open, and unfold to what was there", async ({ editor, api, page }) => {
  const template = await api.template("std-2d");
  await editor.open();
  await editor.openDocument(withParams(template, { ...QUICK_STD_2D, "trainer.steps": 10 }));
  const before = await editor.graph();
  await editor.canvas.reveal("student-jump", "target-jump", "loss");
  await page.keyboard.press("Control+Shift+g");
  const folded = await editor.graph();
  expect(folded.nodes).toHaveLength(before.nodes.length - 2);
  expect(folded.subgraphs?.[0]?.nodes.map(({ id }) => id).sort()).toEqual(
    ["inputs", "loss", "outputs", "student-jump", "target-jump"].sort(),
  );
  await expect(editor.runButton()).toHaveText("Run");

  await editor.run();
  await editor.waitForStatus("Done");
  const [run] = await api.runs();

  // The same graph unfolded is the same run.
  const flat = await api.start(before);
  expect(flat.graphHash).toBe(run?.graphHash);
  await api.control(flat.id, "cancel");

  // The panels that a run unfolds leave less room: the card may be drawn flat.
  await editor.canvas.reveal("subgraph");
  await expect(editor.canvas.node("subgraph")).toHaveAccessibleName(/done/);
  await editor.canvas.node("subgraph").dblclick({ position: { x: 80, y: 14 } });
  const path = page.getByRole("navigation", { name: "Open subgraphs" });
  await expect(path).toContainText("Subgraph");
  await editor.canvas.focus();
  await page.keyboard.press("f");
  await expect(editor.canvas.node("loss")).toHaveAccessibleName(/done/);
  await expect(editor.canvas.node("inputs")).toBeVisible();
  await editor.canvas.focus();
  await page.keyboard.press("Escape");
  await expect(path).toBeHidden();
  await page.keyboard.press("Control+Shift+u");
  expect(plain(await editor.graph())).toEqual(plain(before));
});

test("an error inside shows outside and leads inside; a shown parameter is set outside", async ({ editor, page }) => {
  await editor.openPoints();
  await editor.canvas.reveal("student-jump", "target-jump", "loss");
  await page.keyboard.press("Control+Shift+g");
  await page.keyboard.press("o");
  await editor.canvas.select("loss");
  await page.getByRole("button", { name: "Show outside, on the subgraph itself" }).first().click();
  // Its wire away, the loss misses an input.
  await editor.canvas.select("student-jump");
  await page.keyboard.press("Delete");
  await editor.canvas.focus();
  await page.keyboard.press("u");
  await expect(editor.canvas.node("subgraph")).toHaveAccessibleName(/not connected/);
  await expect(editor.inspector().locator(".form .field")).toHaveCount(1);

  await editor.canvas.node("subgraph").getByRole("button", { name: "Show what is wrong" }).click();
  await expect(editor.canvas.node("loss")).toBeInViewport();
  await expect(editor.inspector()).toContainText('Input "student"');
  await editor.canvas.focus();
  await page.keyboard.press("u");

  await editor.panels.show("Issues");
  await editor.panels.content().getByRole("button").filter({ hasText: 'Input "student"' }).first().click();
  await expect(page.getByRole("navigation", { name: "Open subgraphs" })).toBeVisible();
  await expect(editor.canvas.node("loss")).toBeInViewport();
  await editor.undo();
  await expect(editor.canvas.node("student-jump")).toBeVisible();
  await expect(editor.runButton()).toHaveText("Run");
});

test("the graph of the first visit reads like a figure: its formula leads into the parts, values are set outside", async ({
  editor,
  page,
}) => {
  await editor.open();
  const path = page.getByRole("navigation", { name: "Open subgraphs" });
  await page
    .getByRole("region", { name: "Formula" })
    .getByRole("button", { name: /^L_ψ =/ })
    .click({ position: { x: 8, y: 8 } });
  await expect(path).toContainText("Training");
  await expect(editor.canvas.node("discriminator-trainer")).toBeInViewport();
  await editor.canvas.focus();
  await editor.press("u");
  await expect(path).toBeHidden();

  await editor.setParam("teacher-step", "Guidance up to", "7");
  const { nodes } = await editor.graph();
  expect(nodes.find(({ id }) => id === "teacher-step")?.params).toEqual({ "solver.guidanceScaleTo": 7 });
  await expect(editor.runButton()).toHaveText("Run");
});
