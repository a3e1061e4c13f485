// @vitest-environment happy-dom
import type { QueueEntry } from "@distillery/shared/protocol/rest";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";
import { secondsForAll, useQueueStore } from "./queueStore";
import { detail } from "./testing";

const entry = (id: string, over: Partial<QueueEntry> = {}): QueueEntry => {
  const { graph: _, overrides: __, ...record } = detail({ id, status: "queued", steps: 100 });
  return { ...record, stepsPerSecond: null, ...over };
};
const running = entry("a", { status: "running", step: 50, stepsPerSecond: 5 });
const answer = (body: unknown) => new Response(JSON.stringify(body));

beforeEach(() => setActivePinia(createPinia()));

test("a run is moved at once, and the whole order is told to the server", async () => {
  const told: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, init?: RequestInit) => {
    if (init?.method === "PUT") told.push(JSON.parse(String(init.body)));
    return answer([running, entry("d"), entry("b"), entry("c")]);
  });
  const queue = useQueueStore();
  queue.entries = [running, entry("b"), entry("c"), entry("d")];
  const done = queue.move("d", 0);
  expect(queue.entries.map(({ id }) => id)).toEqual(["a", "d", "b", "c"]);
  await done;
  expect(told).toEqual([{ order: ["d", "b", "c"] }]);
});

test("a cancelled run that waits is gone at once, one that computes is cancelling", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return answer(path.endsWith("/cancel") ? detail({ status: "cancelled" }) : []);
  });
  const queue = useQueueStore();
  queue.entries = [running, entry("b"), entry("c")];
  const done = queue.cancel(["a", "c"]);
  expect(queue.entries.map(({ id, status }) => [id, status])).toEqual([
    ["a", "cancelling"],
    ["b", "queued"],
  ]);
  await done;
  expect(asked).toEqual(["/api/runs/c/cancel", "/api/runs/a/cancel", "/api/queue"]);
});

test("time for all: a waiting run is as fast as one of its graph, others are unknown", () => {
  expect(secondsForAll([running, entry("b")])).toBe(10 + 20);
  expect(secondsForAll([running, entry("b", { graphName: "other" })])).toBeNull();
});
