import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Overrides } from "@distillery/shared/protocol/rest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyGraph } from "../testing/graphs";
import { startTestServer, type TestServer, until } from "../testing/server";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.remove());

const start = (graph: GraphDocument, overrides: Overrides = {}, on = server) => on.runs.start({ graph, overrides });

test("a batch queues every combination, in an order that can be changed and that survives a restart", async () => {
  const home = mkdtempSync(join(tmpdir(), "distillery-queue-"));
  try {
    const before = await startTestServer({}, { home });
    const first = await start(tinyGraph({ steps: 100_000 }), {}, before);
    const sweep = [{ param: "student.width", values: [8, 10, 12] }];
    const runs = await before.runs.startBatch({ graph: tinyGraph(), overrides: { steps: 2 } }, { seeds: 1, sweep });
    expect(runs.map(({ label, seed, steps }) => [label, seed, steps])).toEqual(
      [8, 10, 12].map((width) => [`student.width ${width}`, 7, 2]),
    );
    expect(new Set(runs.map(({ batch }) => batch)).size).toBe(1);
    const [a = "", b = "", c = ""] = runs.map(({ id }) => id);
    const order = (on: TestServer) => on.runs.queued().map(({ id }) => id);
    before.runs.reorder([c, "nosuch", b]);
    expect(order(before)).toEqual([first.id, c, b, a]);
    await before.close();

    const after = await startTestServer({}, { home });
    for (const id of order(after)) after.store.runs.adopt(id, "server:999999999:1");
    after.runs.recover();
    expect(order(after)).toEqual([first.id, c, b, a]);
    await until(after, first.id, ({ status }) => status === "running");
    after.runs.cancel(first.id);
    expect(after.runs.get(first.id)?.status).toBe("cancelling");
    expect((await after.runs.finished(first.id)).status).toBe("cancelled");
    await Promise.all([a, b, c].map((id) => after.runs.finished(id)));
    const ended = (id: string) => after.runs.get(id)?.finishedAt ?? 0;
    expect([c, b, a].map(ended)).toEqual([c, b, a].map(ended).sort((x, y) => x - y));
    await after.close();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}, 60_000);

test("one bad value refuses the whole batch and says which", async () => {
  const count = server.store.runs.list({ limit: 1000 }).length;
  const sweep = [{ param: "student.width", values: [8, -1] }];
  await expect(server.runs.startBatch({ graph: tinyGraph(), overrides: {} }, { seeds: 1, sweep })).rejects.toThrow(
    /^student.width -1: /,
  );
  const many = [{ param: "student.width", values: [8, 12] }];
  await expect(
    server.runs.startBatch({ graph: tinyGraph(), overrides: {} }, { seeds: 51, sweep: many }),
  ).rejects.toThrow("102 runs are too many");
  expect(server.store.runs.list({ limit: 1000 })).toHaveLength(count);
});

test("a run that is over can be deleted with all it left behind; one that goes on cannot", async () => {
  // A seed of its own: equal files would be shared with other runs.
  const { id } = await start(tinyGraph(), { seed: 4242 });
  await until(server, id, ({ status }) => status === "running");
  await expect(server.runs.remove(id)).rejects.toThrow("cancel it first");
  await server.runs.finished(id);
  const blob = server.store.blobs.pathOf(server.store.runs.artifacts(id)[0]?.hash ?? "");
  const pictures = join(server.home, "frames", id);
  expect([existsSync(blob), existsSync(pictures)]).toEqual([true, true]);
  await server.runs.remove(id);
  expect([existsSync(blob), existsSync(pictures)]).toEqual([false, false]);
  expect(server.runs.get(id)).toBeUndefined();
  expect(server.store.runs.events(id, 0, 10)).toEqual([]);
}, 60_000);
