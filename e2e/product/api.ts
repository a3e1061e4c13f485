/** The HTTP API, every answer checked against the protocol. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { documentSchema } from "@distillery/shared/graph/document";
import { type ArenaSpecInput, arenaSchema } from "@distillery/shared/protocol/arena";
import { isFinal, type RunEvent, type RunStatus, runEventSchema } from "@distillery/shared/protocol/events";
import {
  artifactSchema,
  graphRecordSchema,
  graphVersionSchema,
  type OverridesInput,
  type RunRecord,
  runDetailSchema,
  runRecordSchema,
} from "@distillery/shared/protocol/rest";
import { z } from "zod";

const templateSchema = z.object({ id: z.string(), name: z.string(), description: z.string(), graph: documentSchema });

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Api {
  constructor(readonly address: string) {}

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.address}${path}`, init);
  }
  send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }
  /** @throws Error with the answer when it is an error, or not as promised. */
  private async read<T>(answer: Promise<Response>, schema: z.ZodType<T>): Promise<T> {
    const response = await answer;
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
    return schema.parse(JSON.parse(text));
  }

  get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.read(this.fetch(path), schema);
  }
  templates() {
    return this.get("/api/templates", z.array(templateSchema));
  }
  async template(id: string): Promise<GraphDocument> {
    const found = (await this.templates()).find((each) => each.id === id);
    if (found === undefined) throw new Error(`There is no template ${id}.`);
    return found.graph;
  }
  saveNew(graph: GraphDocument) {
    return this.read(this.send("POST", "/api/graphs", graph), graphRecordSchema);
  }
  graph(id: string) {
    return this.get(`/api/graphs/${id}`, graphRecordSchema);
  }
  save(id: string, revision: number, graph: GraphDocument) {
    const headers = { "if-match": `"${revision}"` };
    return this.read(this.send("PUT", `/api/graphs/${id}`, graph, headers), graphRecordSchema);
  }
  versions(id: string) {
    return this.get(`/api/graphs/${id}/versions`, z.array(graphVersionSchema));
  }
  start(graph: GraphDocument, overrides: OverridesInput = {}): Promise<RunRecord> {
    return this.read(this.send("POST", "/api/runs", { graph, overrides }), runRecordSchema);
  }
  startSaved(graphId: string): Promise<RunRecord> {
    return this.read(this.send("POST", "/api/runs", { graphId, overrides: {} }), runRecordSchema);
  }
  /** Returns the arena's id. */
  async startArena(spec: ArenaSpecInput): Promise<string> {
    return (await this.read(this.send("POST", "/api/arenas", spec), arenaSchema)).id;
  }
  run(id: string) {
    return this.get(`/api/runs/${id}`, runDetailSchema);
  }
  /** Newest first. */
  runs(): Promise<RunRecord[]> {
    return this.get("/api/runs", z.array(runRecordSchema));
  }
  control(id: string, verb: "pause" | "resume" | "cancel"): Promise<RunRecord> {
    return this.read(this.send("POST", `/api/runs/${id}/${verb}`, {}), runRecordSchema);
  }
  events(id: string, after = 0): Promise<RunEvent[]> {
    return this.get(`/api/runs/${id}/events?after=${after}`, z.array(runEventSchema));
  }
  artifacts(id: string) {
    return this.get(`/api/runs/${id}/artifacts`, z.array(artifactSchema));
  }
  async artifact(id: string, name: string): Promise<Uint8Array> {
    const response = await this.fetch(`/api/runs/${id}/artifacts/${name}`);
    if (!response.ok) throw new Error(`Artifact ${name} of ${id}: ${response.status} ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Resolves once the run is as wanted. @throws Error after `limit` milliseconds, or when the run ended otherwise. */
  async waitUntil(id: string, wanted: (run: RunRecord) => boolean, limit = 40_000): Promise<RunRecord> {
    const end = Date.now() + limit;
    for (;;) {
      const run = await this.run(id);
      if (wanted(run)) return run;
      const story = `run ${id} is ${run.status} at step ${run.step} of ${run.steps} ${run.error?.message ?? ""}`;
      if (isFinal(run.status)) throw new Error(`It will not happen any more: ${story}`);
      if (Date.now() > end) throw new Error(`It did not happen in ${limit / 1000} s: ${story}`);
      await pause(50);
    }
  }
  waitForStatus(id: string, status: RunStatus, limit?: number): Promise<RunRecord> {
    return this.waitUntil(id, (run) => run.status === status, limit);
  }
}
