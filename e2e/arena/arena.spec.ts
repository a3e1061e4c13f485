import { expect, test } from "../fixtures";
import { scoredStyleGraph } from "../product/graphs";

test("two saved graphs are compared, from the button in the editor to the shared link", async ({
  editor,
  expectedErrors,
  api,
  page,
}) => {
  expectedErrors.push(/404.*shared-arenas/);
  test.setTimeout(200_000);
  const graph = scoredStyleGraph(await api.template("std-style-32"));
  for (const [name, learningRate] of [
    ["Quick learner", 0.001],
    ["Slow learner", 0.00001],
  ] as const) {
    const nodes = graph.nodes.map((node) =>
      node.id === "trainer" ? { ...node, params: { ...node.params, learningRate } } : node,
    );
    await api.saveNew({ ...graph, name, nodes });
  }
  await editor.open();
  await page.getByTestId("arena").click();
  const arena = page.getByRole("main", { name: "Arena" });
  const setup = arena.getByRole("form", { name: "New arena" });
  // Those for images are chosen as soon as they are known.
  await expect(setup.getByRole("checkbox", { name: "LCM" })).toBeChecked();
  for (const method of await setup.getByRole("group", { name: "Methods" }).getByRole("checkbox").all())
    await method.uncheck();

  // What cannot be started says why, where it is.
  await setup.getByTestId("start-arena").click();
  await expect(setup.getByRole("alert")).toHaveText("Choose at least one method.");
  for (const name of ["Quick learner", "Slow learner"]) await setup.getByRole("checkbox", { name }).check();
  const fill = (label: string, text: string) => setup.getByLabel(label, { exact: true }).fill(text);
  await fill("Budget", "2");
  await fill("Seeds", "1");
  await fill("NFE", "2, 1");
  await fill("Guidance", "2, 4");
  await setup.getByRole("button", { name: "More settings" }).click();
  await fill("Judged on", "4");
  await fill("Teacher NFE", "3");
  await setup.getByTestId("start-arena").click();

  await expect(arena.getByRole("status").first()).toHaveText("Done, 3 results", { timeout: 170_000 });
  const scores = arena.getByRole("region", { name: "Scores" });
  await expect(scores.getByRole("row")).toHaveCount(1 + 1 + 2 * 2);
  // Saved graphs are listed newest first.
  await expect(scores.getByRole("row").nth(2)).toContainText("Slow learner");
  await expect(scores.getByRole("row").nth(4)).toContainText("Quick learner");
  await arena.getByRole("radio", { name: "NFE 1" }).press("Space");
  await expect(arena.getByRole("heading", { name: "Pictures at NFE 1" })).toBeVisible();
  await expect(arena.getByRole("region", { name: "Pictures" }).getByRole("img")).toHaveCount(5);
  const chart = arena.getByRole("application");
  await chart.press("ArrowRight");
  await expect(chart.getByRole("status")).toContainText("Style similarity");

  await arena.getByTestId("export").click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Scores as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("Slow learner, Quick learner.csv");

  await arena.getByTestId("share-arena").click();
  const link = page.getByTestId("arena-link");
  await expect(link).toHaveValue(/\/arena\/shared\/[0-9a-z]+$/);
  const address = await link.inputValue();
  await page.goto(address);
  await expect(arena).toContainText("Shared, read only");
  await expect(arena.getByRole("region", { name: "Scores" }).getByRole("row")).toHaveCount(1 + 1 + 2 * 2);
  await expect(arena.getByRole("form")).toHaveCount(0);

  await page.goBack();
  await arena.getByTestId("share-arena").click();
  await expect(link).toHaveValue(address);
  const expires = page.getByLabel("Expires");
  await expires.selectOption({ label: "In 7 days" });
  await page.keyboard.press("Escape");
  await arena.getByTestId("share-arena").click();
  await expect(expires.locator("option:checked")).toHaveText(/^On .*\d{4}$/);
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(link).toHaveValue("The link leads nowhere now.");
  await page.goto(address);
  await expect(page.getByRole("main")).toContainText("This link leads nowhere");
});
