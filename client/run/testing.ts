/** Test-only: a run as the server would tell it, and a connection to nowhere. */

import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import type { EventBody, RunEvent } from "@distillery/shared/protocol/events";
import type { RunDetail } from "@distillery/shared/protocol/rest";
import { runRecord } from "@distillery/shared/run/testing/record";
import type { RunListener, RunSocket, TapRequest } from "../api/runSocket";

export const stats = { min: -1, max: 1, mean: 0.1, std: 0.5, nan: 0, inf: 0 };

export const numbered = (bodies: readonly EventBody[], first = 1): RunEvent[] =>
  bodies.map((body, i) => ({ ...body, seq: first + i, time: 1000 + i }));

export const graph: GraphDocument = {
  ...emptyDocument("test"),
  nodes: [{ id: "viewer", type: "inspect/trajectory-viewer", params: {}, position: { x: 0, y: 0 }, title: "Paths" }],
};

export const detail = (over: Partial<RunDetail> = {}): RunDetail => ({
  ...runRecord({ graphName: "test", seed: 3, startedAt: 2 }),
  graph,
  overrides: {},
  ...over,
});

/** Remembers who listens and what is tapped. */
export class FakeConnection implements RunSocket {
  readonly listeners = new Map<string, RunListener>();
  readonly taps = new Set<TapRequest>();
  subscribe(runId: string, listener: RunListener): () => void {
    this.listeners.set(runId, listener);
    return () => this.listeners.delete(runId);
  }
  tap(request: TapRequest): () => void {
    this.taps.add(request);
    return () => this.taps.delete(request);
  }
  close(): void {}
}

/** Answers `fetch` by path; an unknown path is a 404 problem. */
export const answering =
  (routes: Readonly<Record<string, unknown>>): typeof fetch =>
  async (input) => {
    const path = String(input);
    const key = Object.keys(routes).find((each) => path === each || path.startsWith(`${each}?`));
    if (key === undefined) {
      const problem = { type: "about:blank", title: "Not found", status: 404, detail: `${path} does not exist.` };
      return new Response(JSON.stringify(problem), { status: 404 });
    }
    const route = routes[key];
    return new Response(JSON.stringify(typeof route === "function" ? route(path) : route));
  };
