/** The editor itself: files of client/dist, and its start page for every other address. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpProblem, sendProblem } from "./problems";

const NOT_BUILT = "The editor is not built here: run `npm start`, which builds it.";

export async function installPages(app: FastifyInstance, folder: string): Promise<void> {
  const isBuilt = existsSync(join(folder, "index.html"));
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: folder,
      index: ["index.html"],
      // Names of built files carry a hash of their contents.
      setHeaders: (response, path) =>
        response.header(
          "cache-control",
          /[\\/]assets[\\/]/.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
        ),
    });
  } else {
    app.get("/", { schema: { hide: true } }, async () => {
      throw new HttpProblem(404, NOT_BUILT);
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    if (isBuilt && isPage(request)) return reply.header("cache-control", "no-cache").sendFile("index.html");
    const path = request.url.split("?")[0] ?? "";
    return sendProblem(reply, new HttpProblem(404, `${request.method} ${path} does not exist.`));
  });
}

/** An address of the editor (a graph, a share link), not a file and not the API. */
const isPage = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") &&
  !/^\/(api|socket\.io)(\/|$|\?)/.test(url) &&
  !/\.[a-z0-9]{1,8}$/i.test(url.split("?")[0] ?? "") &&
  (headers.accept === undefined || /text\/html|\*\/\*/.test(headers.accept));
