import { arenaCosts, arenaRows } from "@distillery/shared/arena/table";
import { arenaSchema, arenaSummarySchema } from "@distillery/shared/protocol/arena";
import { problemSchema } from "@distillery/shared/protocol/rest";
import { arenaLinkSchema } from "@distillery/shared/protocol/shares";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finishedArena } from "../testing/arenas";
import { tinyGraph } from "../testing/graphs";
import { startTestServer, type TestServer } from "../testing/server";

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await startTestServer();
  id = finishedArena(server.store).id;
}, 180_000);
afterAll(() => server.remove());

const ask = (method: "GET" | "POST" | "DELETE", url: string, payload?: object) =>
  server.http.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
async function refused(body: object, status: number): Promise<string> {
  const response = await ask("POST", "/api/arenas", body);
  expect(response.statusCode, response.body.slice(0, 200)).toBe(status);
  return problemSchema.parse(response.json()).detail;
}

test("methods are the marked templates that are there", async () => {
  const methods: { template: string; title: string }[] = (await ask("GET", "/api/arena-methods")).json();
  expect(methods).toContainEqual(expect.objectContaining({ template: "std-style", title: "STD", updates: 600 }));
  const { paths } = (await ask("GET", "/api/openapi.json")).json();
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      "/api/arenas",
      "/api/arenas/{id}/cancel",
      "/api/arenas/{id}/export/{format}",
      "/api/shared-arenas/{slug}",
    ]),
  );
});

describe("an arena", () => {
  test("is listed and read, with means and intervals that can be checked by hand", async () => {
    const [summary] = arenaSummarySchema.array().parse((await ask("GET", "/api/arenas")).json());
    expect(summary).toMatchObject({ id, status: "done", methods: ["STD", "LCM"], seeds: 2, done: 5, total: 5 });
    const arena = arenaSchema.parse((await ask("GET", `/api/arenas/${id}`)).json());
    const rows = arenaRows(arena);
    expect(rows.map(({ title, nfe, guidanceScale }) => [title, nfe, guidanceScale])).toEqual([
      ["Teacher", 50, 5],
      ...["STD", "LCM"].flatMap((title) => [8, 4].flatMap((nfe) => [2, 4].map((scale) => [title, nfe, scale]))),
    ]);
    // STD at NFE 8: 0.5 + 0.1 + 0.08 + 0.02 and + 0.04: mean 0.71, sd sqrt(0.0002); t(1) = 12.706, so 12.706 * 0.01.
    const style = rows[1]?.values.styleSimilarity;
    expect(style?.mean).toBeCloseTo(0.71, 10);
    expect((style?.seeds?.high ?? 0) - 0.71).toBeCloseTo(0.12706, 4);
    expect((style?.images.high ?? 0) - 0.71).toBeCloseTo(0.05, 10);
    expect(rows[0]?.values.styleSimilarity?.seeds).toBeNull();
    // 11 and 12 s: mean 11.5.
    expect(arenaCosts(arena)[0]).toMatchObject({
      title: "STD",
      seeds: 2,
      updates: 100,
      parameters: 1234,
      seconds: { mean: 11.5 },
    });
  });

  test("is exported as CSV, Markdown and PNG", async () => {
    const file = (format: string) => ask("GET", `/api/arenas/${id}/export/${format}`);
    const lines = (await file("csv")).body.trim().split("\r\n");
    // The teacher's two metrics, and four paths of two methods with two seeds.
    expect(lines).toHaveLength(1 + 2 + 4 * 4 * 2);
    expect(lines[3]).toMatch(/^STD,1,100,11,0.11,1234,8,2,16,styleSimilarity,0.7,0.6\d+,0.75\d*,8$/);
    expect((await file("md")).body).toContain("| STD | 8 | 2 | 0.710 ± 0.127 (0.050) |");
    const plot = await file("png");
    expect([plot.statusCode, plot.headers["content-type"]]).toEqual([200, "image/png"]);
    expect((await file("pictures")).statusCode).toBe(404);
    expect((await file("exe")).statusCode).toBe(400);
  });

  test("has a link that can be revoked: the next one is another", async () => {
    const share = async () => (await ask("POST", `/api/arenas/${id}/share`)).json().slug;
    const read = async (slug: string) => (await ask("GET", `/api/shared-arenas/${slug}`)).statusCode;
    const first = await share();
    expect(await read(first)).toBe(200);
    expect((await ask("DELETE", `/api/arenas/${id}/share`)).statusCode).toBe(204);
    expect(await read(first)).toBe(404);
    const second = await share();
    expect([await read(first), await read(second)]).toEqual([404, 200]);
  });

  test("has a link that can expire, and then another one", async () => {
    const share = async (body?: object) =>
      arenaLinkSchema.parse((await ask("POST", `/api/arenas/${id}/share`, body)).json());
    const { slug, expiresAt } = await share({ expiresInDays: 7 });
    expect((Number(expiresAt) - Date.now()) / 86_400_000).toBeCloseTo(7, 3);
    // Asking for it again changes nothing.
    expect(await share()).toMatchObject({ slug, expiresAt });
    expect(await share({ expiresInDays: null })).toMatchObject({ slug, expiresAt: null });
    server.store.arenas.share(id, Date.now() - 1);
    expect((await ask("GET", `/api/shared-arenas/${slug}`)).statusCode).toBe(404);
    const next = await share();
    expect(next).toMatchObject({ slug: expect.not.stringContaining(slug), expiresAt: null });
    expect((await ask("GET", `/api/shared-arenas/${next.slug}`)).statusCode).toBe(200);
    expect((await ask("POST", `/api/arenas/${id}/share`, { expiresInDays: 3 })).statusCode).toBe(400);
  });

  test("is shared by a link that only reads, and deleted with it", async () => {
    const other = finishedArena(server.store, "To be deleted").id;
    const { slug, url } = (await ask("POST", `/api/arenas/${other}/share`)).json();
    expect(url).toBe(`/arena/shared/${slug}`);
    expect((await ask("POST", `/api/arenas/${other}/share`)).json().slug).toBe(slug);
    expect(arenaSchema.parse((await ask("GET", `/api/shared-arenas/${slug}`)).json()).name).toBe("To be deleted");
    expect((await ask("POST", `/api/arenas/${other}/cancel`)).statusCode).toBe(409);
    expect((await ask("DELETE", `/api/arenas/${other}`)).statusCode).toBe(204);
    for (const address of [`/api/arenas/${other}`, `/api/shared-arenas/${slug}`])
      expect((await ask("GET", address)).statusCode).toBe(404);
  });
});

test("what cannot be compared is refused in words", async () => {
  const std = { id: "std", title: "STD", template: "std-style" };
  expect(await refused({ methods: [] }, 400)).toMatch(/methods/);
  expect(await refused({ methods: [std, std] }, 400)).toMatch(/same id/);
  expect(await refused({ methods: [{ id: "x", title: "X" }] }, 400)).toMatch(/one of template, graphId and graph/);
  expect(await refused({ methods: [{ ...std, template: "nosuch" }] }, 404)).toMatch(/no template "nosuch"/);
  expect(await refused({ methods: [{ ...std, params: { "bank.nosuch": 1 } }] }, 422)).toMatch(/no parameter "nosuch"/);
  expect(await refused({ methods: [{ id: "points", title: "Points", graph: tinyGraph() }] }, 422)).toMatch(
    /"Points": there is nothing to compare/,
  );
  const elsewhere = { ...std, id: "other", title: "Other", params: { "held-out-start.otherClass": false } };
  expect(await refused({ methods: [std, elsewhere] }, 422)).toMatch(/"Other" is sampled from other held-out pictures/);
  expect((await ask("GET", "/api/arenas/000000000000")).statusCode).toBe(404);
}, 120_000);
