import { healthSchema } from "@distillery/shared/protocol/rest";
import { VERSION } from "../version";
import type { App, HttpContext } from "./context";

export function healthRoutes(app: App, { runs, devices, packs }: HttpContext): void {
  app.get(
    "/api/health",
    { schema: { summary: "Whether the server works, and on what", tags: ["server"], response: { 200: healthSchema } } },
    async () => ({
      status: "ok" as const,
      version: VERSION,
      devices: [...devices()],
      queue: runs.counts(),
      packs: packs.map(({ name, version, problem }) => ({ name, version, problem })),
    }),
  );
}
