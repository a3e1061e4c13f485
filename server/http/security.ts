/** Who may talk to this server: names it answers to, pages that may use it, and the token of an open server. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Config, isLoopback } from "../config";

const COOKIE = "distillery_token";

export type Access = Pick<Config, "host" | "token" | "origins" | "hosts">;

/** Host name of a Host header, without the port; undefined when it makes no sense. */
function hostName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i.exec(header);
  return match?.[1]?.toLowerCase();
}

/** Refuses names that are not this server's: a page elsewhere may point its own name at this address (DNS rebinding). */
export function isHostAllowed(access: Access, header: string | undefined): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  if (isLoopback(name) || name === access.host.toLowerCase() || access.hosts.includes(name)) return true;
  // An open server is reached by names it cannot know; there the token protects it.
  return access.token !== null && access.hosts.length === 0 && !isLoopback(access.host);
}

/** A request without Origin comes from no page; one with it must come from this server's own page or a listed one. */
export function isOriginAllowed(access: Access, headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (access.origins.includes(origin)) return true;
  try {
    return new URL(origin).host.toLowerCase() === host?.toLowerCase();
  } catch {
    return false;
  }
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Takes the same time for every wrong token. */
export const isToken = (access: Access, given: string | null | undefined): boolean =>
  access.token === null || (typeof given === "string" && timingSafeEqual(digest(given), digest(access.token)));

/** The token of a request: `Authorization: Bearer`, or the cookie that `/?token=...` sets. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer.trim();
  for (const part of (headers.cookie ?? "").split(";")) {
    const [name, ...value] = part.trim().split("=");
    if (name !== COOKIE) continue;
    try {
      return decodeURIComponent(value.join("="));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

export const tokenCookie = (token: string): string =>
  `${COOKIE}=${encodeURIComponent(token)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`;
