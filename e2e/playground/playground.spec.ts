import { expect, test } from "../fixtures";
import { Api } from "../product/api";
import { scoredStyleGraph } from "../product/graphs";

const SMILE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="28" fill="#ffcc4d"/>
<circle cx="22" cy="26" r="4"/><circle cx="42" cy="26" r="4"/><path d="M18 40q14 12 28 0" stroke="#000" fill="none"/></svg>`;

/** A run whose student has hardly learned: what is tested here is the page. */
let run = "";
test.beforeAll(async ({ server }) => {
  const api = new Api(server.address);
  const started = await api.start(scoredStyleGraph(await api.template("std-style-32")));
  await api.waitForStatus(started.id, "done", 80_000);
  run = started.id;
});

test("a dropped picture is restyled by teacher and student, every state shown", async ({ playground, page }) => {
  await playground.open(run);
  await playground.dropFile("smile.svg", "image/svg+xml", new TextEncoder().encode(SMILE));
  await expect(playground.picture()).toContainText("smile.svg");
  await playground.style("Fluent 3D").click();
  await playground.setting("Teacher steps").fill("6");
  await playground.setting("Student steps").fill("3");
  await playground.restyle();

  await expect(playground.card("Teacher")).toContainText("6 NFE");
  await expect(playground.card("Student")).toContainText(/3 NFE\s*[\d.]+ m?s/);
  await expect(playground.states("Teacher")).toHaveCount(7);
  await expect(playground.states("Student")).toHaveCount(4);
  // The last state is the result; going back along the path shows what it was made of.
  const last = await playground.imageOf(playground.card("Student"));
  expect(last).toMatch(/^data:image\/png/);
  await playground.states("Student").last().focus();
  await page.keyboard.press("Home");
  await expect.poll(() => playground.imageOf(playground.card("Student"))).not.toBe(last);
  await expect(playground.card("Student")).toContainText("at t = ");

  // The same seed gives the same picture, another seed another one.
  const teacher = await playground.imageOf(playground.card("Teacher"));
  await playground.restyle();
  expect(await playground.imageOf(playground.card("Teacher"))).toBe(teacher);
  await playground.root.getByRole("button", { name: "Another seed" }).click();
  await playground.restyle();
  expect(await playground.imageOf(playground.card("Teacher"))).not.toBe(teacher);

  await playground.card("Teacher").getByRole("button", { name: "Download" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "PNG, 32 px" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("smile Fluent 3D teacher 6 NFE.png");

  await playground.dropFile("notes.txt", "text/plain", new TextEncoder().encode("no picture"));
  await expect(playground.result().getByRole("alert")).toContainText("PNG, JPEG, WebP or SVG");
});

test("inside a painted mask a held-out emoji is made anew, the rest stays", async ({ playground, page }) => {
  await playground.open(run);
  await playground.examples().first().click();
  await playground.setting("Teacher steps").fill("6");
  await playground.startMask();
  await expect(playground.restyleButton()).toBeDisabled();

  await playground.paint([0.1, 0.75], [0.9, 0.75]);
  const painted = await playground.painted();
  expect(painted).toBeGreaterThan(5);
  await playground.maskTool("Eraser").click();
  await playground.paint([0.6, 0.75], [0.95, 0.75]);
  expect(await playground.painted()).toBeLessThan(painted);
  await playground.maskTool("Undo the last stroke").click();
  expect(await playground.painted()).toBe(painted);
  // By keys, too.
  await playground.maskTool("Clear the mask").click();
  await playground.mask().focus();
  await page.keyboard.press("e");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  expect(await playground.painted()).toBeGreaterThan(0);
  await playground.paint([0.1, 0.75], [0.9, 0.75]);

  await playground.restyle();
  await expect(playground.result()).toContainText("inside the mask");
  const differences = await page.evaluate(
    async ([before, after]) => {
      const pixels = async (address: string) => {
        const bitmap = await createImageBitmap(await (await fetch(address)).blob());
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context?.drawImage(bitmap, 0, 0);
        return context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
      };
      const [a, b] = [await pixels(before), await pixels(after)];
      const row = (y: number) =>
        a.slice(128 * y, 128 * y + 128).reduce((sum, v, i) => sum + Math.abs(v - (b[128 * y + i] ?? 0)), 0);
      return { kept: row(4), anew: row(24) };
    },
    [
      await playground.imageOf(playground.card("Picture")),
      await playground.imageOf(playground.card("Teacher")),
    ] as const,
  );
  expect(differences.kept).toBe(0);
  expect(differences.anew).toBeGreaterThan(100);
});

test("the bundled teacher restyles alone, from the button in the editor", async ({ editor, playground, page }) => {
  await editor.open();
  await page.getByTestId("playground").click();
  await expect(playground.restyleButton()).toBeEnabled();
  await playground.setting("Teacher steps").fill("4");
  await playground.restyle();
  await expect(playground.states("Teacher")).toHaveCount(5);
  await expect(playground.states("Student")).toHaveCount(0);
  await expect(playground.card("As drawn")).toBeVisible();
});

test("from the editor and back, undo and all; a run without pictures is refused in words", async ({
  editor,
  playground,
  api,
  page,
  expectedErrors,
}) => {
  await editor.openPoints();
  await editor.canvas.reveal("data");
  await editor.press("Delete");
  await page.getByTestId("playground").click();
  await expect(playground.root).toBeVisible();
  expect(editor.path()).toBe("/playground");
  // Keys of the editor rest meanwhile.
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Escape");
  await expect(playground.root).toBeHidden();
  const count = async () => (await editor.graph()).nodes.length;
  const { nodes } = await api.template("std-2d");
  expect(await count()).toBe(nodes.length - 1);
  await editor.undo();
  expect(await count()).toBe(nodes.length);

  expectedErrors.push(/the server responded with a status of 4\d\d/);
  const points = await api.start(await api.template("std-2d"), { steps: 1 });
  await api.waitForStatus(points.id, "done");
  await page.goto(`${playground.address}/playground?run=${points.id}`);
  await expect(playground.root).toContainText("nothing to restyle");
  await expect(playground.root.getByRole("button", { name: "Use the bundled teacher" })).toBeVisible();
});
