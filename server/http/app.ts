/** The HTTP server with all its routes. */
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyBaseLogger } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { VERSION } from "../version";
import { arenaRoutes } from "./arenas";
import { artifactRoutes } from "./artifacts";
import { catalogRoutes } from "./catalog";
import type { App, HttpContext } from "./context";
import { datasetRoutes } from "./datasets";
import { graphRoutes } from "./graphs";
import { installGuard } from "./guard";
import { healthRoutes } from "./health";
import { modelRoutes } from "./models";
import { packRoutes } from "./packs";
import { installPages } from "./pages";
import { partRoutes } from "./parts";
import { playgroundRoutes } from "./playground";
import { installProblems } from "./problems";
import { queueRoutes } from "./queue";
import { runRoutes } from "./runs";
import type { Access } from "./security";
import { sharePages } from "./sharePages";
import { shareRoutes } from "./shares";

/** A document at its limits (10,000 nodes, 40,000 links, 1 MB of parameters) is below this. */
const BODY_LIMIT = 32 * 2 ** 20;
/** Far above what an editor does; a loop gone wild is stopped. */
const REQUESTS_PER_MINUTE = 12_000;

export interface HttpOptions {
  readonly access: Access;
  readonly clientFolder: string;
  readonly logger?: FastifyBaseLogger;
  /** Told every route as it is added. */
  readonly onRoute?: (method: string, url: string) => void;
}

export async function createHttp(context: HttpContext, options: HttpOptions): Promise<App> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 300 },
    ...(options.logger === undefined ? { logger: false as const } : { loggerInstance: options.logger }),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // A form on another page can post plain text without asking; JSON it cannot.
  app.removeContentTypeParser("text/plain");
  installProblems(app);
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) options.onRoute?.(each, url);
  });

  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        // ONNX Runtime Web compiles WebAssembly, also in workers.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'", "blob:"],
        workerSrc: ["'self'", "blob:"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "blob:", "data:"],
        fontSrc: ["'self'", "data:"],
        connectSrc: ["'self'", "blob:", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        // Loopback is served without TLS.
        upgradeInsecureRequests: null,
      },
    },
    // Threads of WebAssembly need an isolated page.
    crossOriginEmbedderPolicy: { policy: "require-corp" },
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, { max: REQUESTS_PER_MINUTE, timeWindow: "1 minute" });
  installGuard(app, options.access);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Distillery",
        version: VERSION,
        description: "Graphs, runs and their results. Live events come over socket.io, namespace /runs.",
      },
    },
    transform: jsonSchemaTransform,
  });

  await app.register(async (scope) => {
    const routes = scope.withTypeProvider<ZodTypeProvider>();
    healthRoutes(routes, context);
    catalogRoutes(routes, context);
    packRoutes(routes, context);
    graphRoutes(routes, context);
    shareRoutes(routes, context);
    partRoutes(routes, context);
    runRoutes(routes, context);
    queueRoutes(routes, context);
    artifactRoutes(routes, context);
    playgroundRoutes(routes, context);
    arenaRoutes(routes, context);
    await datasetRoutes(routes, context);
    await modelRoutes(routes, context);
    sharePages(routes, context.store, options.clientFolder);
    routes.get("/api/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  });
  await installPages(app, options.clientFolder);
  return app;
}
