/** Share links. Their owner makes, lists, changes and revokes them; whoever knows a slug reads what is under it, nothing else. */
import { isFinal } from "@distillery/shared/protocol/events";
import {
  recordedRunSchema,
  type ShareDays,
  type ShareLink,
  shareChangeSchema,
  sharedGraphSchema,
  shareLinkSchema,
} from "@distillery/shared/protocol/shares";
import { z } from "zod";
import { Previews } from "../share/preview";
import { RecordedRuns } from "../share/recorded";
import type { SharedRunPart, ShareLink as StoredLink } from "../store/shares";
import { type App, type HttpContext, idParams } from "./context";
import { answerFrame, FRAME_HELP, frameParams, frameQuerySchema } from "./frames";
import { HttpProblem, notFound } from "./problems";

const tags = ["sharing"];
const DAY = 86_400_000;
/** Runs of a graph among which the newest that got somewhere is looked for. */
const RECENT_RUNS = 20;
export const slugParams = z.object({ slug: z.string().regex(/^[0-9a-z]{1,64}$/, "not a share link") });

export const linkIsGone = (): HttpProblem =>
  new HttpProblem(404, "This share link does not exist: it was revoked, has expired, or is not complete.");

/** When a link ends that is to last so many days from now; undefined where nothing was said. */
export const expiryOf = (days: ShareDays | undefined): number | null | undefined =>
  days == null ? days : Date.now() + days * DAY;

const described = ({ run, ...link }: StoredLink): ShareLink => ({
  ...link,
  url: `/s/${link.slug}`,
  runId: run?.id ?? null,
});

export function shareRoutes(app: App, { store, library }: HttpContext): void {
  const { shares } = store;
  const previews = new Previews(library);
  const recordedRuns = new RecordedRuns(store);
  const found = (slug: string): StoredLink => {
    const link = shares.get(slug);
    if (link === undefined) throw linkIsGone();
    return link;
  };
  const graphOf = (slug: string) => {
    const graph = shares.document(slug);
    if (graph === undefined) throw linkIsGone();
    return graph;
  };
  const partOf = (runId: string): SharedRunPart => {
    const run = store.runs.get(runId);
    if (run === undefined) throw notFound(`Run ${runId}`);
    return { id: run.id, lastSeq: run.lastSeq };
  };
  /** The newest run of a stored graph that has something to show. */
  const lastRunOf = (graphId: string): SharedRunPart | null => {
    const run = store.runs
      .list({ limit: RECENT_RUNS, graphId })
      .find(({ step, status }) => step > 0 && isFinal(status));
    return run === undefined ? null : { id: run.id, lastSeq: run.lastSeq };
  };
  const change = (slug: string, { expiresInDays, runId }: z.infer<typeof shareChangeSchema>): ShareLink => {
    const expiresAt = expiryOf(expiresInDays);
    shares.change(slug, {
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(runId === undefined ? {} : { run: runId === null ? null : partOf(runId) }),
    });
    return described(found(slug));
  };

  app.post(
    "/api/graphs/:id/share",
    {
      schema: {
        summary: "A read-only link to the graph as it is now",
        description:
          "One link for each revision. It carries the recorded trajectories and curves of `runId`, or of the graph's last finished " +
          "run; it works without the server's access token, because its name cannot be guessed.",
        tags,
        params: idParams,
        body: shareChangeSchema.nullish(),
        response: { 200: shareLinkSchema },
      },
    },
    async ({ params, body }) => {
      if (typeof body?.runId === "string") partOf(body.runId);
      const made = shares.create(params.id);
      if (made === undefined) throw notFound(`Graph ${params.id}`);
      if (made.isNew) shares.change(made.link.slug, { run: lastRunOf(params.id) });
      return change(made.link.slug, body ?? {});
    },
  );

  app.get(
    "/api/shares",
    {
      schema: {
        summary: "Share links that still lead somewhere, newest first",
        tags,
        response: { 200: z.array(shareLinkSchema) },
      },
    },
    async () => shares.list().map(described),
  );

  app.patch(
    "/api/shares/:slug",
    {
      schema: {
        summary: "Change when a link expires, and whose run it shows",
        tags,
        params: slugParams,
        body: shareChangeSchema,
        response: { 200: shareLinkSchema },
      },
    },
    async ({ params, body }) => change(found(params.slug).slug, body),
  );

  app.delete(
    "/api/shares/:slug",
    { schema: { summary: "Revoke a link", tags, params: slugParams } },
    async ({ params }, reply) => {
      if (!shares.revoke(params.slug)) throw linkIsGone();
      return reply.code(204).send();
    },
  );

  app.get(
    "/api/shared/:slug",
    { schema: { summary: "A shared graph", tags, params: slugParams, response: { 200: sharedGraphSchema } } },
    async ({ params }) => {
      const { slug, name, sharedAt, expiresAt, graphId, run } = found(params.slug);
      return {
        slug,
        name,
        sharedAt,
        expiresAt,
        graph: graphOf(slug),
        graphId: store.graphs.get(graphId) === undefined ? null : graphId,
        hasRun: run !== null && store.runs.get(run.id) !== undefined,
      };
    },
  );

  app.get(
    "/api/shared/:slug/run",
    {
      schema: {
        summary: "What the run of a shared graph has recorded",
        description:
          "Curves, trajectories and the list of pictures, thinned evenly; no log lines, checkpoints or files.",
        tags,
        params: slugParams,
        response: { 200: recordedRunSchema },
      },
    },
    async ({ params }, reply) => {
      const { run } = found(params.slug);
      const recorded = run && recordedRuns.get(run);
      if (!recorded) throw notFound("A run under this link");
      reply.header("cache-control", "no-cache");
      return recorded;
    },
  );

  app.get(
    "/api/shared/:slug/frames/:seq",
    {
      schema: {
        summary: "A picture of the run of a shared graph",
        description: FRAME_HELP,
        tags,
        params: slugParams.extend(frameParams.shape),
        querystring: frameQuerySchema,
      },
    },
    async ({ params, query }, reply) => {
      const { run } = found(params.slug);
      const event = run && params.seq <= run.lastSeq ? store.runs.event(run.id, params.seq) : undefined;
      if (!run || event?.type !== "frame" || event.tap) throw notFound(`Frame ${params.seq} under this link`);
      return answerFrame(store, { runId: run.id, seq: params.seq }, query, reply);
    },
  );

  app.get(
    "/api/shared/:slug/preview.png",
    {
      schema: {
        summary: "The graph as a small picture",
        description: "1200 x 630 pixels, for the cards that messengers and wikis show for a link.",
        tags,
        params: slugParams,
      },
    },
    async ({ params }, reply) => {
      const { slug } = found(params.slug);
      reply.headers({ "content-type": "image/png", "cache-control": "public, max-age=3600" });
      return reply.send(Buffer.from(await previews.get(slug, () => graphOf(slug))));
    },
  );
}
