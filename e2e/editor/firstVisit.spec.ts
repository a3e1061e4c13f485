import { expect, test } from "../fixtures";

test("the first visit shows the STD graph, wired and ready to run", async ({ editor, api }) => {
  await editor.open();
  const template = await api.template("std-style");
  await expect(editor.name()).toHaveText(template.name);

  const shown = await editor.graph();
  const sorted = (nodes: typeof shown.nodes) =>
    nodes.map(({ id, type, params }) => ({ id, type, params })).sort((a, b) => a.id.localeCompare(b.id));
  expect(sorted(shown.nodes)).toEqual(sorted(template.nodes));
  expect(new Set(await editor.wires()).size).toBe(template.edges.length);

  // Seen whole at first; nearer, a node is a card with its name.
  await editor.canvas.reveal("bank");
  await expect(editor.canvas.node("bank")).toHaveAccessibleName("Trajectory bank");
  await expect(editor.runButton()).toHaveText("Run");
  await editor.panels.show("Issues");
  await expect(editor.panels.content()).toContainText("No issues");
});

test("the quick graph is one click away, and offers no click to itself", async ({ editor, api, page }) => {
  await editor.open();
  const quick = page.getByRole("button", { name: "Try 2-D points, 10 s" });
  await quick.click();
  await expect(editor.name()).toHaveText((await api.template("std-2d")).name);
  await expect(quick).toHaveCount(0);
});

test("pages come with a strict content security policy", async ({ api }) => {
  const page = await api.fetch("/");
  expect(page.status).toBe(200);
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("object-src 'none'");
  expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
});

test("the gallery opens every template, distillation first", async ({ editor, api }) => {
  await editor.open();
  await editor.menu("Templates and saved graphs");
  const gallery = editor.dialog("Open a graph");
  await expect(gallery.getByRole("region", { name: "Distil" }).getByText("STD on 2-D points")).toBeVisible();
  const parts = gallery.getByRole("region", { name: "Train your own parts" });
  await expect(parts.getByText("Train a teacher", { exact: true })).toBeVisible();
  await gallery.getByRole("button", { name: "Close", exact: true }).click();
  for (const { name } of await api.templates()) {
    await editor.openTemplate(name);
    await editor.panels.show("Issues");
    await expect(editor.panels.content()).toContainText("No issues");
  }
});
