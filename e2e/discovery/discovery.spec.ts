import { expect, test } from "../fixtures";
import { DiscoveryPage } from "../pages/discoveryPage";
import { EditorPage } from "../pages/editorPage";
import { ProductServer } from "../product/server";

test("one field finds nodes, commands, runs and help; by keyboard alone", async ({ editor, page }) => {
  const discovery = new DiscoveryPage(page);
  await editor.openPoints();
  const before = (await editor.graph()).nodes.length;

  // A node of this graph, by a few letters.
  await discovery.choose("trajbank");
  await expect(editor.canvas.node("bank")).toBeFocused();

  // A prefix asks for new nodes only.
  await discovery.choose("+image grid");
  expect((await editor.graph()).nodes).toHaveLength(before + 1);

  // What cannot be done now says why, and does nothing.
  await discovery.search("pause");
  await expect(discovery.option("Pause")).toContainText("No run is in progress.");
  await expect(discovery.option("Pause")).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("Escape");
  await expect(discovery.field).toBeHidden();

  // What was chosen last comes first.
  await discovery.search("");
  await expect(discovery.options().first()).toContainText("Image grid");
});

test("a wire that does not fit says why, and the converter is one click away", async ({ editor, page }) => {
  await editor.openPoints();
  await editor.canvas.reveal("start", "bank");
  await editor.canvas.connect("start.x", "bank.mask");
  const refusal = page.getByRole("alert").filter({ hasText: "takes an image" });
  await expect(refusal).toContainText('"x" gives a state');
  await refusal.getByRole("button", { name: "Insert DDIM step" }).click();
  expect(await editor.wires()).toEqual(expect.arrayContaining(["start.x>ddim.x", "ddim.predX0>bank.mask"]));
  await editor.undo();
  expect((await editor.graph()).nodes.some(({ id }) => id === "ddim")).toBe(false);
});

test("a node's help has an address, and puts its example into the graph", async ({ editor, page }) => {
  await editor.openPoints();
  const before = (await editor.graph()).nodes.length;
  await editor.canvas.reveal("student-jump");
  await page.keyboard.press("F1");
  await expect(page).toHaveURL(/\/help\/student\/jump$/);
  const article = page.getByRole("article", { name: "Jump", exact: true });
  await expect(article).toContainText("= αs x̂₀ + σs ε̂");
  await expect(article).toContainText("boundary");
  await article.getByRole("button", { name: "Insert this example" }).click();
  await expect.poll(async () => (await editor.graph()).nodes.length).toBeGreaterThan(before + 2);
  await editor.undo();
  expect((await editor.graph()).nodes).toHaveLength(before);
});

test("parts of the formula and nodes light each other up", async ({ editor, page }) => {
  const discovery = new DiscoveryPage(page);
  await editor.openPoints();
  await expect(discovery.formulaLine("L_θ = d(f_θ(x_t, t → s), f_{θ^−}(x_t′, t′ → s))")).toBeVisible();
  // A line leads to its node.
  await discovery.formulaLine("θ^− = sg(θ)").click();
  await expect(editor.canvas.node("target-network")).toBeFocused();
  await expect(discovery.litPart("target-network").first()).toBeVisible();
});

test("the tour runs, goes on after a reload, and ends for good", async ({ editor, page }) => {
  const discovery = new DiscoveryPage(page);
  await editor.open();
  await page.getByRole("button", { name: "Start the tour" }).click();
  await expect(editor.name()).toHaveText("STD on 2-D points");
  await expect(discovery.tour).toContainText("1 of 8");
  await discovery.tour.getByRole("button", { name: "Next" }).click();
  await expect(discovery.tour).toContainText("Train it");
  // What is tested here is the tour; the whole training would only take longer.
  await editor.setParam("trainer", "Steps", "200");
  await editor.reload();
  await expect(discovery.tour).toContainText("Train it");
  await discovery.tour.getByRole("button", { name: "Run it" }).click();
  await expect(editor.status()).toBeVisible();
  await expect(discovery.tour).toContainText("Done");
  await editor.waitForStatus("Done");
  await discovery.tour.getByRole("button", { name: "End the tour" }).click();
  await editor.reload();
  await expect(discovery.tour).toBeHidden();
  await expect(page.getByRole("button", { name: "Start the tour" })).toBeHidden();
  // Found again.
  await discovery.choose("guided tour");
  await expect(discovery.tour).toContainText("1 of 8");
});

test("a key can be changed, with a warning where it is taken, and is kept", async ({ editor, page }) => {
  const discovery = new DiscoveryPage(page);
  await editor.openPoints();
  await discovery.choose(">settings");
  const settings = editor.dialog("Settings");
  await settings.getByRole("searchbox", { name: "Find a command" }).fill("minimap");
  await settings.getByRole("button", { name: "Key of Minimap: M" }).click();
  await page.keyboard.press("f");
  await expect(settings.getByRole("alert")).toContainText("Fit everything");
  await settings.getByRole("button", { name: "Leave it" }).click();
  await settings.getByRole("button", { name: "Key of Minimap: M" }).click();
  await page.keyboard.press("Alt+Shift+M");
  await expect(settings.getByRole("button", { name: "Key of Minimap: Alt+Shift+M" })).toBeVisible();
  await page.keyboard.press("Escape");
  await editor.reload();
  await editor.canvas.focus();
  await page.keyboard.press("?");
  await expect(editor.dialog("Keyboard and mouse")).toContainText("Alt+Shift+M");
});

test("while the server is away editing goes on, and it comes back by itself", async ({
  folder,
  page,
  expectedErrors,
}) => {
  // The browser itself reports every attempt to connect.
  expectedErrors.push(/WebSocket connection|Failed to load resource|ERR_CONNECTION/);
  const first = await ProductServer.start(folder);
  const editor = new EditorPage(page, first.address);
  await editor.openPoints();
  await first.stop();
  const banner = page.getByRole("status").filter({ hasText: "The server does not answer" });
  await expect(banner).toContainText("your changes are kept in this browser");
  await editor.setParam("student", "Width", "64");

  const second = await ProductServer.start(folder, { port: first.port });
  try {
    await expect(banner).toBeHidden();
    await expect(editor.notice("The server is back.")).toBeVisible();
    await editor.reload();
    expect((await editor.graph()).nodes.find(({ id }) => id === "student")?.params.width).toBe(64);
  } finally {
    await second.stop();
  }
});
