import { expect, test } from "../fixtures";
import { QUICK_STD_2D, withParams } from "../product/graphs";

test("STD becomes progressive distillation by rewiring: no bank, no target network, the teacher's state as the goal", async ({
  editor,
  api,
}) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 1500 }));

  for (const id of ["bank", "target-network", "target-jump"]) {
    await editor.canvas.reveal(id);
    await editor.press("Delete");
  }
  await expect(editor.runButton()).toContainText("error");
  await editor.canvas.reveal("start", "solver");
  await editor.canvas.connect("start.x", "solver.x");
  await editor.canvas.reveal("start", "student-jump");
  await editor.canvas.connect("start.x", "student-jump.x");
  await editor.setParam("start", "Start time", "grid");
  await editor.setParam("solver", "Solver nodes per step", "5");

  // STD's window lies below the teacher's state, which may be at the end already; the editor says so until the rule is changed.
  await editor.canvas.reveal("solver", "loss");
  await editor.canvas.connect("solver.x", "loss.target");
  await expect(editor.runButton()).toContainText("error");
  await editor.panels.show("Issues");
  await expect(editor.panels.content()).toContainText("the window needs a node below");
  await editor.setParam("target-time", "Rule", "teacher");
  await editor.setParam("loss", "Distance", "l2");

  await expect(editor.runButton()).toHaveText("Run");
  await editor.run();
  await editor.waitForStatus("Done", 60_000);
  const [run] = await api.runs();
  const { trajectoryErrorBefore = 0, trajectoryErrorAfter = Number.NaN } = run?.metrics ?? {};
  expect(trajectoryErrorBefore / trajectoryErrorAfter).toBeGreaterThan(2);
});
