/** The HTTP API as programs that we did not write use it. */
import { healthSchema, problemSchema, validationSchema } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { expect, test } from "../fixtures";
import { unwiredGraph } from "../product/graphs";

test("health, node types, templates and the OpenAPI description", async ({ api }) => {
  const health = await api.get("/api/health", healthSchema);
  expect(health.devices).toContain("cpu");

  const types = await api.get("/api/node-types", z.array(z.looseObject({ type: z.string(), title: z.string() })));
  expect(types.map(({ type }) => type)).toContain("bank/trajectory");
  for (const id of ["std-2d", "std-style-32"]) expect((await api.template(id)).nodes.length).toBeGreaterThan(10);

  const description = await api.get(
    "/api/openapi.json",
    z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
  );
  for (const path of [
    "/api/health",
    "/api/graphs/{id}",
    "/api/graphs/validate",
    "/api/graphs/{id}/share",
    "/api/shared/{slug}",
    "/api/runs/{id}/events",
    "/api/runs/{id}/frames/{seq}",
    "/api/models",
    "/api/datasets",
  ])
    expect(Object.keys(description.paths)).toContain(path);
});

test("errors are problem documents that say what to do", async ({ api }) => {
  const answers = [
    [404, await api.fetch("/api/graphs/000000000000")],
    [400, await api.send("POST", "/api/graphs", { format: "something-else" })],
    [400, await api.fetch("/api/runs", { method: "POST", headers: { "content-type": "application/json" }, body: "{" })],
    [404, await api.fetch("/api/nothing")],
  ] as const;
  for (const [status, answer] of answers) {
    expect(answer.status, answer.url).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    const problem = problemSchema.parse(await answer.json());
    expect(problem.status).toBe(status);
    expect(problem.detail.length).toBeGreaterThan(10);
  }
});

test("validation names node and socket, and a refused run says the same", async ({ api }) => {
  const graph = await api.template("std-2d");
  const clean = validationSchema.parse(await (await api.send("POST", "/api/graphs/validate", { graph })).json());
  expect(clean.issues.filter(({ severity }) => severity === "error")).toEqual([]);

  const broken = {
    ...graph,
    edges: graph.edges.filter(({ to }) => !(to.node === "solver" && to.socket === "weights")),
  };
  const { issues } = validationSchema.parse(await (await api.send("POST", "/api/graphs/validate", broken)).json());
  const issue = issues.find(({ node }) => node === "solver");
  expect(issue).toMatchObject({ severity: "error", socket: "weights" });

  const refused = await api.send("POST", "/api/runs", { graph: broken });
  expect(refused.status).toBe(422);
  expect(problemSchema.parse(await refused.json()).issues?.map(({ node }) => node)).toContain("solver");
});

test("saving needs If-Match; a stale one loses nothing; every save is a version", async ({ api }) => {
  const made = await api.saveNew(unwiredGraph());
  const bare = await api.send("PUT", `/api/graphs/${made.id}`, made.graph);
  expect(bare.status).toBe(428);
  const second = await api.save(made.id, made.revision, { ...made.graph, name: "Second" });
  const stale = await api.send("PUT", `/api/graphs/${made.id}`, made.graph, { "if-match": `"${made.revision}"` });
  expect(stale.status).toBe(412);
  expect(stale.headers.get("etag")).toBe(`"${second.revision}"`);
  expect((await api.graph(made.id)).graph.name).toBe("Second");
  expect((await api.versions(made.id)).map(({ name }) => name)).toEqual(["Second", "Unwired"]);
});

test("other pages are refused", async ({ api }) => {
  const evil = { origin: "http://evil.example" };
  expect((await api.send("POST", "/api/graphs", unwiredGraph(), evil)).status).toBe(403);
});
