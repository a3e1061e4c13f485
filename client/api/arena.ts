/** The arena's part of the server's interface. */
import { MEDIA } from "@distillery/nodes/templates/methods";
import { type ArenaSpecInput, arenaSchema, arenaSummarySchema } from "@distillery/shared/protocol/arena";
import { arenaLinkSchema, type ShareDays } from "@distillery/shared/protocol/shares";
import { z } from "zod";
import { request, send } from "./http";

const methodSchema = z.object({
  template: z.string(),
  title: z.string(),
  medium: z.enum(MEDIA),
  description: z.string(),
  updates: z.number().int(),
});
/** A template that the arena knows as a method. */
export type MethodInfo = z.infer<typeof methodSchema>;

const path = (id: string, rest = "") => `/api/arenas/${encodeURIComponent(id)}${rest}`;

export const listMethods = () => request("/api/arena-methods", z.array(methodSchema));
export const listArenas = () => request("/api/arenas", z.array(arenaSummarySchema));
export const getArena = (id: string) => request(path(id), arenaSchema);
export const getSharedArena = (slug: string) => request(`/api/shared-arenas/${encodeURIComponent(slug)}`, arenaSchema);
/** A picture that a shared arena shows. */
export const getSharedPicture = async (slug: string, run: string, seq: number, signal: AbortSignal): Promise<Blob> =>
  (
    await send(`/api/shared-arenas/${encodeURIComponent(slug)}/runs/${encodeURIComponent(run)}/frames/${seq}`, {
      signal,
    })
  ).blob();
export const startArena = (spec: ArenaSpecInput) => request("/api/arenas", arenaSchema, { method: "POST", body: spec });
export const controlArena = (id: string, verb: "cancel" | "resume") =>
  request(path(id, `/${verb}`), arenaSchema, { method: "POST" });
export const deleteArena = (id: string) => send(path(id), { method: "DELETE" });
export const shareArena = (id: string, expiresInDays?: ShareDays) =>
  request(path(id, "/share"), arenaLinkSchema, { method: "POST", body: { expiresInDays } });
export const unshareArena = (id: string) => send(path(id, "/share"), { method: "DELETE" });
/** The picture grid as a file of the server's. */
export const arenaFile = async (id: string, format: "csv" | "md" | "png" | "pictures"): Promise<Blob> =>
  (await send(path(id, `/export/${format}`))).blob();
