/** Node packs in the editor of a server of their own. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "../fixtures";
import { EditorPage } from "../pages/editorPage";
import { LONG_STD_2D, withParams } from "../product/graphs";
import { ROOT } from "../product/installation";
import { ProductServer } from "../product/server";

const test = base.extend<object, { server: ProductServer }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs
    async ({}, use) => {
      const home = await mkdtemp(join(tmpdir(), "distillery-packs-"));
      const broken = join(home, "broken-pack");
      await mkdir(broken);
      await writeFile(join(broken, "package.json"), JSON.stringify({ name: "broken-pack", version: "1.0.0" }));
      await writeFile(join(broken, "index.js"), "export const nothing = 1;");
      const packs = [join(ROOT, "nodes", "packs", "first-pack"), broken];
      const server = await ProductServer.start(home, { env: { DISTILLERY_PACKS: packs.join(",") } });
      await use(server);
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

test("a pack's node is found, wired, validated and trained; a broken pack is told about", async ({
  page,
  server,
  api,
}) => {
  const editor = new EditorPage(page, server.address);
  const text = JSON.stringify(withParams(await api.template("std-2d"), LONG_STD_2D)).replace(
    "loss/consistency",
    "first-pack/loss/log-cosh",
  );
  await editor.open();
  await editor.importFile("graph.json", new TextEncoder().encode(text));
  await expect(page.locator('[data-node="loss"]')).toContainText("Consistency distance");
  const palette = page.getByRole("navigation", { name: "Node palette" });
  await palette.getByRole("searchbox").fill("log-cosh");
  await expect(palette.getByRole("button", { name: /Log-cosh distance/ })).toContainText("first-pack 0.1.0");

  // Validation in the page knows the node: only then Run is offered.
  await expect(editor.runButton()).toBeEnabled();
  await editor.run();
  await editor.waitForStep(1, 60_000);
  await editor.cancel();

  await editor.menu("About and server");
  const about = editor.dialog("About Distillery");
  await expect(about).toContainText("first-pack 0.1.0");
  await expect(about).toContainText("broken-pack is skipped: it exports no node");
});
