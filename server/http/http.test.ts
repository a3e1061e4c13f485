import { emptyDocument } from "@distillery/shared/graph/document";
import { problemSchema } from "@distillery/shared/protocol/rest";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyGraph } from "../testing/graphs";
import { startTestServer, type TestServer } from "../testing/server";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.remove());

const ask = (method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object, headers = {}) =>
  server.http.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });

/** Every refusal is a problem document, and the server still works after it. */
async function expectProblem(options: InjectOptions, status: number) {
  const response = await server.http.inject(options);
  expect(response.statusCode).toBe(status);
  expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(response.json());
  expect(problem.status).toBe(status);
  expect(problem.detail.length).toBeGreaterThan(5);
  expect((await ask("GET", "/api/health")).statusCode).toBe(200);
  return problem;
}

test("health, node types, templates and the API description are there", async () => {
  expect((await ask("GET", "/api/health")).json()).toMatchObject({ status: "ok", queue: { running: 0, queued: 0 } });
  const types: { type: string; params: { properties: object } }[] = (await ask("GET", "/api/node-types")).json();
  const vp = types.find(({ type }) => type === "schedule/vp");
  expect(vp?.params.properties).toHaveProperty("betaStart");
  expect((await ask("GET", "/api/templates")).json()).toBeInstanceOf(Array);
  const preset = await ask("GET", "/api/templates/lcm?preset=lora");
  expect(preset.json().graph.nodes).toContainEqual(expect.objectContaining({ id: "codec", type: "model/codec" }));
  expect((await ask("GET", "/api/templates/lcm?preset=none")).statusCode).toBe(404);
  const { paths } = (await ask("GET", "/api/openapi.json")).json();
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(["/api/runs", "/api/graphs/{id}", "/api/models", "/api/datasets"]),
  );
});

describe("graphs", () => {
  test("are saved, changed, listed, versioned, shared and deleted", async () => {
    const created = await ask("POST", "/api/graphs", { graph: emptyDocument("One") });
    expect(created.statusCode).toBe(201);
    expect(created.headers.etag).toBe('"1"');
    const { id } = created.json();
    const saved = await ask("PUT", `/api/graphs/${id}`, emptyDocument("Two"), { "if-match": '"1"' });
    expect([saved.statusCode, saved.headers.etag]).toEqual([200, '"2"']);
    expect((await ask("GET", "/api/graphs")).json()).toContainEqual(
      expect.objectContaining({ id, name: "Two", revision: 2 }),
    );
    expect((await ask("GET", `/api/graphs/${id}/versions`)).json().map((v: { name: string }) => v.name)).toEqual([
      "Two",
      "One",
    ]);
    expect((await ask("GET", `/api/graphs/${id}/versions/1`)).json().graph.name).toBe("One");
    const { slug } = (await ask("POST", `/api/graphs/${id}/share`)).json();
    expect((await ask("DELETE", `/api/graphs/${id}`)).statusCode).toBe(204);
    expect((await ask("GET", `/api/graphs/${id}`)).statusCode).toBe(404);
    expect((await ask("GET", `/api/shared/${slug}`)).json().graph.name).toBe("Two");
  });

  test("a stale save gets 412 and nothing is lost; a blind one 428", async () => {
    const { id } = (await ask("POST", "/api/graphs", emptyDocument("One"))).json();
    await ask("PUT", `/api/graphs/${id}`, emptyDocument("Theirs"), { "if-match": '"1"' });
    const mine = { method: "PUT", url: `/api/graphs/${id}`, payload: emptyDocument("Mine") } as const;
    await expectProblem({ ...mine, headers: { "if-match": '"1"' } }, 412);
    await expectProblem({ ...mine, headers: { "if-match": "nonsense" } }, 412);
    await expectProblem(mine, 428);
    expect((await ask("GET", `/api/graphs/${id}`)).json()).toMatchObject({ revision: 2, name: "Theirs" });
    expect((await ask("PUT", `/api/graphs/${id}`, emptyDocument("Mine"), { "if-match": "*" })).statusCode).toBe(200);
  });

  test("an unfinished graph can be saved, though not run", async () => {
    const graph = { ...emptyDocument("Unfinished"), nodes: [{ id: "t", type: "train/trainer" }] };
    const { id } = (await ask("POST", "/api/graphs", graph)).json();
    const problem = await expectProblem({ method: "POST", url: "/api/runs", payload: { graphId: id } }, 422);
    expect(problem.issues?.[0]).toMatchObject({ severity: "error", node: "t" });
  });

  test("validation says nothing about a good graph", async () => {
    expect((await ask("POST", "/api/graphs/validate", tinyGraph())).json()).toEqual({ issues: [] });
  });
});

describe("hostile input", () => {
  const json = { "content-type": "application/json" };

  test("bodies that are not JSON", async () => {
    for (const payload of ["{", "", "[1,", "\u0000", '{"graph": NaN}'])
      await expectProblem({ method: "POST", url: "/api/runs", headers: json, payload }, 400);
    await expectProblem({ method: "POST", url: "/api/graphs", headers: json, payload: '{"__proto__": {"x": 1}}' }, 400);
  });

  test("other content types", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
      await expectProblem({ method: "POST", url: "/api/runs", headers: { "content-type": type }, payload: "a=b" }, 415);
    await expectProblem({ method: "POST", url: "/api/models", headers: json, payload: "{}" }, 415);
    await expectProblem({ method: "POST", url: "/api/datasets", headers: json, payload: '{"path": "/etc"}' }, 415);
  });

  test("bodies that are too large", async () => {
    const payload = `{"graph": "${"x".repeat(33 * 2 ** 20)}"}`;
    await expectProblem({ method: "POST", url: "/api/graphs/validate", headers: json, payload }, 413);
  });

  test.each([
    ["an unknown type", { nodes: [{ id: "a", type: "no/such" }] }, "unknown-type"],
    ["a version from the future", { nodes: [{ id: "a", type: "schedule/vp", version: 99 }] }, "unknown-version"],
    ["an extra parameter", { nodes: [{ id: "a", type: "schedule/vp", params: { bogus: 1 } }] }, undefined],
    [
      "a parameter of the wrong kind",
      { nodes: [{ id: "a", type: "schedule/vp", params: { timesteps: "many" } }] },
      undefined,
    ],
    [
      "two nodes of one id",
      {
        nodes: [
          { id: "a", type: "schedule/vp" },
          { id: "a", type: "schedule/vp" },
        ],
      },
      "duplicate-node",
    ],
  ])("a graph with %s", async (_what, parts, code) => {
    const graph = { ...emptyDocument(), ...parts };
    const { issues } = (await ask("POST", "/api/graphs/validate", graph)).json();
    const errors = issues.filter((issue: { severity: string }) => issue.severity === "error");
    expect(errors[0].node).toBe("a");
    if (code !== undefined) expect(errors[0].code).toBe(code);
    await expectProblem({ method: "POST", url: "/api/runs", payload: { graph } }, 422);
  });

  test("a cycle is an error at a node", async () => {
    const graph = tinyGraph();
    const edges = [
      ...graph.edges.filter(({ to }) => to.node !== "solver" || to.socket !== "x"),
      { from: { node: "solver", socket: "x" }, to: { node: "solver", socket: "x" } },
    ];
    const { issues } = (await ask("POST", "/api/graphs/validate", { ...graph, edges })).json();
    expect(issues.map((issue: { code: string }) => issue.code).join()).toMatch(/cycle/);
  });

  test("10,000 nodes are answered, 10,001 refused", async () => {
    const nodes = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `n${i}`, type: "schedule/vp" }));
    const fits = await ask("POST", "/api/graphs/validate", { ...emptyDocument(), nodes: nodes(10_000) });
    expect(fits.statusCode).toBe(200);
    const { issues } = (await ask("POST", "/api/graphs/validate", { ...emptyDocument(), nodes: nodes(10_001) })).json();
    expect(issues[0].message).toMatch(/at most 10000/);
    await expectProblem(
      { method: "POST", url: "/api/graphs", payload: { ...emptyDocument(), nodes: nodes(10_001) } },
      400,
    );
  });

  test("paths that lead out of a folder", async () => {
    const { id } = (await ask("POST", "/api/graphs", emptyDocument())).json();
    const ways = [
      "..%2f..%2fpackage.json",
      "%2e%2e%2fdistillery.db",
      "..%5c..%5cx",
      "%00",
      "%2fetc%2fpasswd",
      "a".repeat(250),
    ];
    for (const way of ways) {
      for (const url of [
        `/api/runs/${id}/artifacts/${way}`,
        `/api/runs/${id}/frames/${way}`,
        `/api/shared/${way}`,
        `/api/graphs/${way}`,
        `/api/models/${way}`,
        `/api/datasets/${way}`,
        `/${way}`,
      ]) {
        const response = await ask("GET", url);
        expect([400, 404, 414], url).toContain(response.statusCode);
      }
    }
  });

  test("overrides that name nothing, unknown runs and wrong numbers", async () => {
    const graph = tinyGraph();
    const start = (overrides: object) => ({ method: "POST", url: "/api/runs", payload: { graph, overrides } }) as const;
    expect((await expectProblem(start({ params: { "nobody.steps": 1 } }), 422)).detail).toMatch(/nobody/);
    expect((await expectProblem(start({ params: { "trainer.stepz": 1 } }), 422)).detail).toMatch(/stepz/);
    await expectProblem(start({ steps: 0 }), 400);
    await expectProblem(start({ device: "tpu" }), 400);
    await expectProblem(start({ from: "nosuchrun" }), 404);
    await expectProblem({ method: "POST", url: "/api/runs", payload: { graphId: "nosuch" } }, 404);
    await expectProblem({ method: "POST", url: "/api/runs", payload: {} }, 400);
    await expectProblem({ method: "POST", url: "/api/runs/nosuch/cancel" }, 404);
    await expectProblem({ method: "GET", url: "/api/runs/nosuch/events?after=-1" }, 400);
  });

  test("host names that are not ours, and other pages", async () => {
    await expectProblem({ method: "GET", url: "/api/graphs", headers: { host: "evil.example" } }, 403);
    const foreign = { method: "POST", url: "/api/graphs", payload: emptyDocument() } as const;
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"])
      await expectProblem({ ...foreign, headers: { origin, host: "localhost:4600" } }, 403);
    const own = { origin: "http://localhost:4600", host: "localhost:4600" };
    expect((await server.http.inject({ ...foreign, headers: own })).statusCode).toBe(201);
  });
});

test("answers carry the headers of a careful server", async () => {
  const { headers } = await ask("GET", "/api/health");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*'wasm-unsafe-eval'/);
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});
