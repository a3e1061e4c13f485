import { expect, test } from "../fixtures";
import { withParams } from "../product/graphs";

test("a broken graph cannot run, says why, and the issue leads to the node", async ({ editor, api }) => {
  const graph = await api.template("std-2d");
  await editor.open();
  await editor.openDocument({ ...graph, edges: graph.edges.filter(({ to }) => to.node !== "target-time") });
  await expect(editor.runButton()).toContainText("error");
  await editor.panels.show("Issues");
  const issue = editor.panels.content().getByRole("button").filter({ hasText: "Target time" }).first();
  await issue.click();
  await expect(editor.canvas.node("target-time")).toBeInViewport();
  await expect(editor.inspector()).toContainText("time/target");

  // Putting the wire back makes it runnable.
  await editor.canvas.reveal("solver", "target-time");
  await editor.canvas.connect("solver.x", "target-time.x");
  await expect(editor.runButton()).toHaveText("Run");
});

test("a run that diverges stops and shows the node where it began", async ({ editor, api }) => {
  const graph = withParams(await api.template("std-2d"), {
    "trainer.learningRate": 10,
    "trainer.optimiser": "sgd",
    "trainer.clipNorm": 0,
    "trainer.warmup": 0,
    "trainer.schedule": "constant",
    "trainer.checkpointEvery": 10,
  });
  await editor.open();
  await editor.openDocument(graph);
  await editor.run();
  await editor.waitForStatus("Failed");
  const [run] = await api.runs();
  expect(run?.error?.message).toMatch(/Step \d+: .*NaN|infin/i);
  const failing = run?.error?.node ?? "";
  expect(graph.nodes.map(({ id }) => id)).toContain(failing);
  // The last good weights are kept.
  expect((await api.artifacts(run?.id ?? "")).map(({ name }) => name)).toContain("checkpoint.safetensors");

  await editor.panels.show("Log");
  await expect(editor.panels.content()).toContainText("Lower the learning rate");
  const failure = editor.panels.content().getByRole("listitem").filter({ hasText: "Lower the learning rate" });
  await failure.getByRole("button", { name: "Show node" }).click();
  await expect(editor.canvas.node(failing)).toBeInViewport();
  await expect(editor.canvas.node(failing)).toHaveAccessibleName(/failed/);
});

test("an address that leads nowhere says so and offers the way back", async ({ editor, page, expectedErrors }) => {
  expectedErrors.push(/404/);
  await page.goto(`${editor.address}/g/000000000000`);
  await expect(page.getByText("The graph cannot be opened")).toBeVisible();
  await page.getByRole("button", { name: "Start page" }).click();
  await expect(editor.canvas.root).toBeVisible();
});
