/** The checks of `security.ts` before every request. */
import type { FastifyInstance } from "fastify";
import { HttpProblem } from "./problems";
import { type Access, isHostAllowed, isOriginAllowed, isToken, tokenCookie, tokenOf } from "./security";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * What works without the token: share links, whose names nobody can guess, and the program that shows them. Everything
 * else of the server stays closed to whoever has only a link.
 */
const isOpen = (method: string, path: string): boolean =>
  (method === "GET" || method === "HEAD") &&
  /^\/(?:api\/shared|api\/shared-arenas|s|shared|arena\/shared|assets)\/[^%\\]+$/.test(path) &&
  !path.includes("..");

export function installGuard(app: FastifyInstance, access: Access): void {
  app.addHook("onRequest", async (request, reply) => {
    const { headers, method } = request;
    if (!isHostAllowed(access, headers.host))
      throw new HttpProblem(403, "This server does not answer to that host name; list it in DISTILLERY_HOSTS.");
    if (!SAFE_METHODS.has(method) && !isOriginAllowed(access, headers))
      throw new HttpProblem(
        403,
        "Requests from other web pages are refused; list the page's origin in DISTILLERY_ORIGINS.",
      );
    if (access.token === null) return;
    // The address as the router sees it, not as it would be read with its dots resolved.
    if (isOpen(method, request.url.split("?")[0] ?? "")) return;
    const address = new URL(request.url, "http://localhost");
    const offered = address.searchParams.get("token");
    // The address printed at start carries the token once; from then on the browser sends a cookie.
    if (method === "GET" && address.pathname === "/" && offered !== null && isToken(access, offered)) {
      reply.header("set-cookie", tokenCookie(offered));
      return;
    }
    if (!isToken(access, tokenOf(headers)))
      throw new HttpProblem(
        401,
        "This server needs its access token: open the address it printed at start, or send Authorization: Bearer TOKEN.",
      );
  });
}
