import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import type { EventBody, RunEvent } from "@distillery/shared/protocol/events";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { finishedArena } from "../testing/arenas";
import { addRun } from "../testing/runs";
import { startTestServer, type TestServer } from "../testing/server";

const token = "correct horse battery";
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ token });
});
afterAll(() => server.remove());

const visit = (url: string) => server.http.inject({ method: "GET", url, headers: { host: "localhost" } });
const ask = (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, payload?: object) =>
  server.http.inject({
    method,
    url,
    headers: { host: "localhost", authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });
const save = async (graph: GraphDocument = emptyDocument("Shared")): Promise<string> =>
  (await ask("POST", "/api/graphs", graph)).json().id;

const stats = { min: 0, max: 1, mean: 0.5, std: 0.1, nan: 0, inf: 0 };
const frame = (step: number, tap?: boolean): EventBody => ({
  type: "frame",
  step,
  node: tap ? "solver" : "viewer",
  socket: "student",
  row: 0,
  t: 3,
  column: 0,
  shape: [1, 2],
  stats,
  format: "webp",
  ...(tap ? { tap } : {}),
});

/** A finished run with two curves' points, two pictures and a tap. */
function finishedRun(id: string, graphId: string | null): void {
  const times = { createdAt: Date.now(), startedAt: 1, finishedAt: 2 };
  addRun(server.store, { id, graphId, status: "done", step: 20, steps: 20, ...times }, emptyDocument("As it ran"));
  const bodies: EventBody[] = [
    { type: "status", status: "running" },
    { type: "log", level: "info", message: "A path on this machine: /home/me" },
    { type: "step", step: 10, steps: 20, stepsPerSecond: 5, series: { "trainer.loss": 0.5 } },
    frame(10),
    frame(10, true),
    { type: "checkpoint", step: 10, name: "checkpoint-10", bytes: 5 },
    frame(20),
    { type: "status", status: "done" },
  ];
  const events = bodies.map((body, i): RunEvent => ({ ...body, seq: i + 1, time: i }));
  server.store.runs.append(id, events, {});
  for (const { seq, ...event } of events)
    if (event.type === "frame")
      server.store.frames.add(
        id,
        seq,
        { step: event.step, tap: event.tap === true, format: "webp", shape: [1, 2] },
        { image: Uint8Array.of(seq), values: new Uint8Array(new Float32Array([seq, 0]).buffer) },
      );
}

describe("a share link", () => {
  test("opens without the token what is under it, and nothing else of the run", async () => {
    const id = await save();
    finishedRun("run1", id);
    const { slug, url, runId } = (await ask("POST", `/api/graphs/${id}/share`)).json();
    expect([url, runId]).toEqual([`/s/${slug}`, "run1"]);
    expect((await visit(`/api/shared/${slug}`)).json()).toMatchObject({ name: "Shared", graphId: id, hasRun: true });
    const recorded = (await visit(`/api/shared/${slug}/run`)).json();
    expect(recorded).toMatchObject({ status: "done", step: 20, graph: { name: "As it ran" } });
    expect(recorded.events.map(({ seq, type }: RunEvent) => `${seq} ${type}`)).toEqual([
      "1 status",
      "3 step",
      "4 frame",
      "7 frame",
      "8 status",
    ]);
    expect(JSON.stringify(recorded)).not.toContain("/home/me");
    expect([...(await visit(`/api/shared/${slug}/frames/4`)).rawPayload]).toEqual([4]);
    const raw = await visit(`/api/shared/${slug}/frames/7?format=raw`);
    expect(new Float32Array(raw.rawPayload.buffer.slice(raw.rawPayload.byteOffset))[0]).toBe(7);
    // The tap, an event that is no picture, and the run by its own name.
    for (const path of [`/api/shared/${slug}/frames/5`, `/api/shared/${slug}/frames/3`])
      expect((await visit(path)).statusCode, path).toBe(404);
    for (const path of ["/api/runs/run1", "/api/runs/run1/frames/4", `/api/graphs/${id}`, "/api/shares"])
      expect((await visit(path)).statusCode, path).toBe(401);
  });

  test("of an arena opens the pictures that it shows, and no others", async () => {
    finishedRun("run4", null);
    const arena = finishedArena(server.store);
    server.store.arenas.addResult(`${arena.spec.name} teacher`, {
      training: null,
      evaluationRunId: "run4",
      scores: [],
      pictures: { source: 4, answer: null, results: [] },
    });
    const { slug } = (await ask("POST", `/api/arenas/${arena.id}/share`)).json();
    const picture = (of: string, run: string, seq: number) =>
      visit(`/api/shared-arenas/${of}/runs/${run}/frames/${seq}`);
    expect([...(await picture(slug, "run4", 4)).rawPayload]).toEqual([4]);
    expect((await picture(slug, "run4", 7)).statusCode, "a picture that it does not show").toBe(404);
    expect((await picture(slug, "run1", 4)).statusCode, "another run").toBe(404);
    expect((await picture("nolink", "run4", 4)).statusCode).toBe(404);
    expect((await visit("/api/runs/run4/frames/4")).statusCode).toBe(401);
  });

  test("shows a run up to the moment of sharing, or none", async () => {
    const id = await save();
    finishedRun("run2", null);
    const { slug } = (await ask("POST", `/api/graphs/${id}/share`, { runId: "run2" })).json();
    const later: RunEvent = { ...frame(30), seq: 9, time: 9 };
    server.store.runs.append("run2", [later], {});
    expect((await visit(`/api/shared/${slug}/run`)).json().events.at(-1).seq).toBe(8);
    expect((await visit(`/api/shared/${slug}/frames/9`)).statusCode).toBe(404);
    expect((await ask("PATCH", `/api/shares/${slug}`, { runId: null })).json().runId).toBeNull();
    expect((await visit(`/api/shared/${slug}`)).json().hasRun).toBe(false);
    for (const path of ["run", "frames/4"])
      expect((await visit(`/api/shared/${slug}/${path}`)).statusCode, path).toBe(404);
    expect((await ask("PATCH", `/api/shares/${slug}`, { runId: "nothing" })).statusCode).toBe(404);
  });

  test("reads the log of its run once, however many look at it", async () => {
    const id = await save();
    finishedRun("run3", id);
    const { slug } = (await ask("POST", `/api/graphs/${id}/share`)).json();
    const read = vi.spyOn(server.store.runs, "events");
    const answers = [await visit(`/api/shared/${slug}/run`), await visit(`/api/shared/${slug}/run`)];
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
    expect(answers[1]?.body).toBe(answers[0]?.body);
    expect((await ask("DELETE", "/api/runs/run3")).statusCode).toBe(204);
    expect((await visit(`/api/shared/${slug}/run`)).statusCode).toBe(404);
  });

  test("is one for each revision, expires, and can be revoked", async () => {
    const id = await save();
    const share = async (body?: object) => (await ask("POST", `/api/graphs/${id}/share`, body)).json();
    const { slug } = await share();
    expect((await share()).slug).toBe(slug);
    const { expiresAt } = await share({ expiresInDays: 7 });
    expect(expiresAt - Date.now()).toBeCloseTo(7 * 86_400_000, -5);
    expect((await ask("POST", `/api/graphs/${id}/share`, { expiresInDays: 3 })).statusCode).toBe(400);
    expect((await ask("GET", "/api/shares")).json()).toContainEqual(expect.objectContaining({ slug, expiresAt }));

    server.store.shares.change(slug, { expiresAt: Date.now() - 1 });
    expect((await visit(`/api/shared/${slug}`)).statusCode).toBe(404);
    expect((await ask("GET", "/api/shares")).json()).not.toContainEqual(expect.objectContaining({ slug }));
    const again = await share();
    expect(again.slug).not.toBe(slug);
    expect(again.expiresAt).toBeNull();

    expect((await ask("DELETE", `/api/shares/${again.slug}`)).statusCode).toBe(204);
    expect((await visit(`/api/shared/${again.slug}`)).statusCode).toBe(404);
    expect((await ask("DELETE", `/api/shares/${again.slug}`)).statusCode).toBe(404);
  });

  test("stays when its graph changes or goes", async () => {
    const id = await save(emptyDocument("One"));
    const { slug } = (await ask("POST", `/api/graphs/${id}/share`)).json();
    await ask("DELETE", `/api/graphs/${id}`);
    expect((await visit(`/api/shared/${slug}`)).json()).toMatchObject({ graph: { name: "One" }, graphId: null });
  });

  test("has a picture of its graph, whatever the graph is called", async () => {
    const graph: GraphDocument = {
      ...emptyDocument('</text><script>alert("1")</script>\u0000 & more'),
      nodes: [
        { id: "a", type: "schedule/vp", params: {}, position: { x: 0, y: 0 } },
        { id: "b", type: "unknown/<b>", params: {}, position: { x: 300, y: 0 } },
      ],
    };
    const { slug } = (await ask("POST", `/api/graphs/${await save(graph)}/share`)).json();
    const picture = await visit(`/api/shared/${slug}/preview.png`);
    const { width, height, format } = await sharp(picture.rawPayload).metadata();
    expect([width, height, format]).toEqual([1200, 630, "png"]);
  });
});
