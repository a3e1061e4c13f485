/** What every test starts from: one server for all, an editor on it, and no tolerance for errors in the console. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFinal } from "@distillery/shared/protocol/events";
import { test as base, expect } from "@playwright/test";
import { EditorPage } from "./pages/editorPage";
import { PlaygroundPage } from "./pages/playgroundPage";
import { Api } from "./product/api";
import { ProductServer } from "./product/server";

interface ForTest {
  api: Api;
  editor: EditorPage;
  playground: PlaygroundPage;
  /** An empty folder that is gone after the test. */
  folder: string;
  /** Errors that this test provokes; all others in the browser's console fail it. */
  expectedErrors: RegExp[];
}
interface ForAll {
  server: ProductServer;
}

export const test = base.extend<ForTest, ForAll>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs
    async ({}, use) => {
      const home = await mkdtemp(join(tmpdir(), "distillery-e2e-"));
      const server = await ProductServer.start(home);
      await use(server);
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 30_000 },
  ],
  api: async ({ server }, use) => {
    const api = new Api(server.address);
    await use(api);
    // The next test needs the cores.
    for (const run of await api.runs()) {
      if (isFinal(run.status)) continue;
      await api.control(run.id, "cancel").catch(() => undefined);
      await api.waitUntil(run.id, ({ status }) => isFinal(status));
    }
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "distillery-e2e-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  expectedErrors: [
    async ({ context }, use) => {
      const expected: RegExp[] = [];
      const errors: string[] = [];
      context.on("console", (message) => {
        // Violations of the content security policy are logged as errors, too.
        if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => errors.push(error.error().stack ?? error.error().message));
      await use(expected);
      expect(
        errors.filter((error) => !expected.some((pattern) => pattern.test(error))),
        "errors in the browser's console",
      ).toEqual([]);
    },
    { auto: true },
  ],
  // `api` comes first so that runs are cancelled after the page is gone.
  editor: async ({ page, server, api: _ }, use) => {
    await use(new EditorPage(page, server.address));
  },
  playground: async ({ page, server, api: _ }, use) => {
    await use(new PlaygroundPage(page, server.address));
  },
});
export { expect };
