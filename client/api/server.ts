/** The server's HTTP interface, typed: one function a route. */
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import { type RunEvent, runEventSchema } from "@distillery/shared/protocol/events";
import { excerptOf } from "@distillery/shared/protocol/excerpt";
import {
  type ChangeRun,
  graphRecordSchema,
  graphSummarySchema,
  graphVersionSchema,
  healthSchema,
  type OverridesInput,
  queueEntrySchema,
  runDetailSchema,
  runFacetsSchema,
  type runFilterSchema,
  runRecordSchema,
} from "@distillery/shared/protocol/rest";
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import type { Batch } from "@distillery/shared/run/batch";
import { z } from "zod";
import type { ClipFormat, RunSource } from "../run/runSource";
import { request, send } from "./http";

const presetSchema = z.object({ id: z.string(), title: z.string(), description: z.string() });
const templateSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  graph: documentSchema,
  presets: z.array(presetSchema),
});
export type Template = z.infer<typeof templateSchema>;
/** Published settings of a template, for models of one's own. */
export type Preset = z.infer<typeof presetSchema>;

const EVENT_PAGE = 5000;

const runPath = (id: string, rest = "") => `/api/runs/${encodeURIComponent(id)}${rest}`;
const graphPath = (id: string, rest = "") => `/api/graphs/${encodeURIComponent(id)}${rest}`;

export const getHealth = () => request("/api/health", healthSchema);
export const getTemplates = (): Promise<Template[]> => request("/api/templates", z.array(templateSchema));

export const getTemplate = (id: string, preset: string): Promise<Template> =>
  request(`/api/templates/${encodeURIComponent(id)}?preset=${encodeURIComponent(preset)}`, templateSchema);

export const listGraphs = () => request("/api/graphs", z.array(graphSummarySchema));
export const getGraph = (id: string) => request(graphPath(id), graphRecordSchema);
export const createGraph = (graph: GraphDocument) =>
  request("/api/graphs", graphRecordSchema, { method: "POST", body: { graph } });
/** Saves over revision `revision`; fails with a conflict when somebody saved in between. */
export const saveGraph = (id: string, revision: number, graph: GraphDocument) =>
  request(graphPath(id), graphRecordSchema, {
    method: "PUT",
    body: { graph },
    headers: { "if-match": `"${revision}"` },
  });
/** Deletes a graph with its versions; runs and share links stay. */
export const deleteGraph = (id: string) => send(graphPath(id), { method: "DELETE" });
export const getVersions = (id: string) => request(graphPath(id, "/versions"), z.array(graphVersionSchema));
export const getVersion = (id: string, revision: number) =>
  request(graphPath(id, `/versions/${revision}`), graphVersionSchema);
export interface StartRun {
  graph?: GraphDocument;
  graphId?: string;
  overrides: OverridesInput;
  label?: string;
  /** Steps to be measured from its beginning. */
  profile?: number;
}
export const startRun = (body: StartRun) => request("/api/runs", runRecordSchema, { method: "POST", body });
/** Queues a run for every combination of values and seeds; all or none. */
export const startBatch = (body: StartRun & Batch) =>
  request("/api/runs/batch", z.array(runRecordSchema), { method: "POST", body });
/** Newest first; one page of those that fit the filter. */
export const listRuns = (filter: z.input<typeof runFilterSchema> = {}) => {
  const query = new URLSearchParams(
    Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  return request(`/api/runs?${query}`, z.array(runRecordSchema));
};
export const getRunFacets = () => request("/api/runs/facets", runFacetsSchema);
export const changeRun = (id: string, body: ChangeRun) =>
  request(runPath(id), runRecordSchema, { method: "PATCH", body });
/** Deletes a run that is over, with its curves, pictures and files. */
export const deleteRun = (id: string) => send(runPath(id), { method: "DELETE" });
/** Runs that compute, wait or are paused, in the order in which they get their device. */
export const getQueue = () => request("/api/queue", z.array(queueEntrySchema));
export const orderQueue = (order: readonly string[]) =>
  request("/api/queue", z.array(queueEntrySchema), { method: "PUT", body: { order } });
export const getRun = (id: string) => request(runPath(id), runDetailSchema);
export const controlRun = (id: string, verb: "pause" | "resume" | "cancel") =>
  request(runPath(id, `/${verb}`), runRecordSchema, { method: "POST" });

/** Has the next steps of a run measured; the result comes as an event. */
export const profileRun = (id: string, steps: number) =>
  request(runPath(id, "/profile"), runRecordSchema, { method: "POST", body: { steps } });

/** All events of a run after `after`, in order; long logs come in pages. */
export async function getEvents(id: string, after = 0): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (let from = after; ; ) {
    const page = await request(runPath(id, `/events?after=${from}&limit=${EVENT_PAGE}`), z.array(runEventSchema));
    for (const event of page) events.push(event);
    const last = page.at(-1);
    if (!last || page.length < EVENT_PAGE) return events;
    from = last.seq;
  }
}
export const getFrameImage = async (id: string, seq: number, signal?: AbortSignal): Promise<Blob> =>
  (await send(runPath(id, `/frames/${seq}`), { signal })).blob();
/** Raw values of a frame, row-major float32. */
export const getFrameValues = async (id: string, seq: number): Promise<Float32Array> =>
  new Float32Array(await (await send(runPath(id, `/frames/${seq}?format=raw`))).arrayBuffer());
/** A frame as an animated picture or a video, for people: every pixel of a small one becomes a square. */
export const getClipFile = async (
  id: string,
  seq: number,
  format: ClipFormat,
  framesPerSecond: number,
  scale = 8,
): Promise<Blob> =>
  (await send(runPath(id, `/frames/${seq}?format=${format}&fps=${framesPerSecond}&scale=${scale}`))).blob();
/** The trajectories of a viewer's sample over the training, as an animated picture. */
export const artifactUrl = (id: string, name: string) => runPath(id, `/artifacts/${encodeURIComponent(name)}`);
export const serverSource = (id: string): RunSource => ({
  image: (seq) => getFrameImage(id, seq),
  values: (seq) => getFrameValues(id, seq),
  clip: (seq, format, framesPerSecond) => getClipFile(id, seq, format, framesPerSecond),
  film: async (viewer, sample, format) =>
    (await send(runPath(id, `/trajectories/${encodeURIComponent(viewer)}?row=${sample}&format=${format}`))).blob(),
});
/** What a run has recorded by now, to take along. */
export async function recordRun(id: string): Promise<RecordedRun> {
  const [{ status, label, device, seed, step, steps, createdAt, graph }, events] = await Promise.all([
    getRun(id),
    getEvents(id),
  ]);
  return { status, label, device, seed, step, steps, createdAt, graph, events: excerptOf(events) };
}
