// @vitest-environment happy-dom
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EffectScope, effectScope, nextTick } from "vue";
import { useRunStore } from "../run/runStore";
import { useServerStore } from "../run/serverStore";
import { answering, detail, FakeConnection, numbered } from "../run/testing";
import { useRunNotifier } from "./runNotifier";

const running = numbered([{ type: "status", status: "running" }]);
const done = numbered([{ type: "status", status: "done" }], 2);
let connection: FakeConnection;
let scope: EffectScope;
beforeEach(() => {
  setActivePinia(createPinia());
  connection = new FakeConnection();
  useServerStore().useConnection(connection);
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
  scope = effectScope();
  scope.run(useRunNotifier);
});
afterEach(() => {
  scope.stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function look(log: typeof running): Promise<void> {
  vi.stubGlobal("fetch", answering({ "/api/runs/r1/events": log, "/api/runs/r1": detail() }));
  await useRunStore().attach("r1");
  await nextTick();
}

test("a run that ends while one looks elsewhere says so in the title", async () => {
  await look(running);
  connection.listeners.get("r1")?.events(done);
  await nextTick();
  expect(document.title).toMatch(/^Done/);
});

test("an old run that is opened while one looks elsewhere is no news", async () => {
  await look([...running, ...done]);
  expect(document.title).toMatch(/^Untitled/);
});
