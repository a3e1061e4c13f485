import { type PartRecord, partSchema } from "@distillery/shared/protocol/parts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../testing/server";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.remove());

const ask = (method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object) =>
  server.http.inject({ method, url, ...(body === undefined ? {} : { payload: body }) });
const part = partSchema.parse({ subgraph: { id: "step", name: "Step", nodes: [], edges: [] } });

test("a part is kept, saved over its revision only, and forgotten", async () => {
  const made = await ask("POST", "/api/parts", part);
  expect(made.statusCode).toBe(201);
  const { id, revision }: PartRecord = made.json();
  expect(revision).toBe(1);
  expect((await ask("GET", "/api/parts")).json()).toMatchObject([{ id, name: "Step", revision: 1 }]);
  const next = { ...part, subgraph: { ...part.subgraph, name: "Two steps" } };
  expect((await ask("PUT", `/api/parts/${id}`, { revision: 1, part: next })).json()).toMatchObject({ revision: 2 });
  const stale = await ask("PUT", `/api/parts/${id}`, { revision: 1, part });
  expect(stale.statusCode).toBe(412);
  expect(stale.json().detail).toContain("revision 2");
  expect((await ask("GET", `/api/parts/${id}`)).json()).toMatchObject({ name: "Two steps", part: next });
  expect((await ask("DELETE", `/api/parts/${id}`)).statusCode).toBe(204);
  expect((await ask("GET", `/api/parts/${id}`)).statusCode).toBe(404);
  expect((await ask("POST", "/api/parts", { subgraph: { id: "no id" } })).statusCode).toBe(400);
});
