import { expect, test } from "../fixtures";
import { coloursOf, pictureOf } from "../pages/runPanels";
import { LONG_STD_2D, withParams } from "../product/graphs";

test("std-2d trains: curves grow, pictures move, the error falls at least fivefold", async ({ editor, api }) => {
  await editor.openPoints();
  await editor.setParam("trainer", "Steps", "1200");
  await editor.run();
  await editor.waitForStatus("Running");

  // Held while it is looked at for the first time: points learn faster than a busy browser looks.
  await editor.waitForStep(20);
  await editor.pause();
  await editor.panels.show("Curves");
  const loss = await editor.panels.latest("Loss");
  expect(loss).not.toBe("");
  const curve = await pictureOf(editor.panels.chart("Loss").locator("canvas"));

  await editor.panels.show("Trajectories");
  await expect(editor.panels.cells("Student").first()).toBeEnabled();
  expect(await coloursOf(editor.panels.paths())).toBeGreaterThan(8);
  const early = await pictureOf(editor.panels.paths());
  const firstCell = await pictureOf(editor.panels.cells("Student").last().locator("canvas"));
  await editor.resume();
  await expect.poll(() => pictureOf(editor.panels.paths()), { timeout: 30_000 }).not.toBe(early);
  await expect
    .poll(() => pictureOf(editor.panels.cells("Student").last().locator("canvas")), { timeout: 30_000 })
    .not.toBe(firstCell);

  await editor.waitForStatus("Done", 60_000);
  expect(await editor.steps()).toEqual({ step: 1200, steps: 1200 });
  await editor.panels.show("Curves");
  await expect.poll(() => editor.panels.latest("Loss")).not.toBe(loss);
  expect(await pictureOf(editor.panels.chart("Loss").locator("canvas"))).not.toBe(curve);
  const [run] = await api.runs();
  const { trajectoryErrorBefore = 0, trajectoryErrorAfter = Number.NaN } = run?.metrics ?? {};
  expect(trajectoryErrorBefore / trajectoryErrorAfter).toBeGreaterThan(5);
  // The same two numbers are on the screen.
  await editor.panels.show("Runs");
  await expect(editor.panels.runs().first()).toContainText(/[\d.]+ → [\d.]+/);

  // Time travel: the first evaluation is still there.
  await editor.panels.show("Trajectories");
  const last = await pictureOf(editor.panels.paths());
  await editor.panels.stepSlider().fill("0");
  await expect.poll(() => pictureOf(editor.panels.paths())).not.toBe(last);

  await editor.panels.cells("Student").last().click();
  await expect(editor.panels.cellInspector()).toContainText("Student state");
  await expect(editor.panels.cellInspector()).toContainText("Raw values");
});

test("a run is paused, resumed and cancelled", async ({ editor, api }) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), LONG_STD_2D));
  await editor.run();
  await editor.waitForStep(20);
  await editor.pause();
  const { id = "" } = (await api.runs())[0] ?? {};
  const paused = await api.run(id);
  // No step is made while it is paused, however long one looks.
  await editor.panels.show("Curves");
  await editor.graph();
  expect((await api.run(id)).step).toBe(paused.step);
  expect((await editor.steps()).step).toBe(paused.step);

  await editor.resume();
  await editor.waitForStep(paused.step + 50);
  await editor.cancel();
  expect((await api.run(id)).status).toBe("cancelled");
  await expect(editor.runButton()).toBeEnabled();
});

test("a reload during a run catches up, and a second viewer sees the same", async ({ editor, api, context }) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), LONG_STD_2D));
  await editor.save();
  await editor.run();
  await editor.waitForStep(100);

  await editor.reload();
  await editor.waitForStep(101);
  await expect(editor.panels.cells("Student").first()).toBeVisible();

  const second = editor.beside(await context.newPage());
  await second.open(editor.path());
  await second.waitForStep(150);
  await expect(second.status()).toHaveText("Running");
  // What one does, the other sees.
  await second.pause();
  await editor.waitForStatus("Paused");
  expect(await editor.steps()).toEqual(await second.steps());
  const { id = "" } = (await api.runs())[0] ?? {};
  // The newest evaluation of both is the newest there is.
  const newest = (await api.events(id)).findLast((event) => event.type === "frame" && event.node === "viewer");
  for (const each of [editor, second]) {
    await each.panels.show("Trajectories");
    await expect(each.panels.root.getByText(`step ${newest?.type === "frame" ? newest.step : ""}`)).toBeVisible();
  }
  await expect
    .poll(async () => (await pictureOf(editor.panels.paths())) === (await pictureOf(second.panels.paths())))
    .toBe(true);
});
