/** Share links: made and looked after by their owner, read by anyone. */
import {
  recordedRunSchema,
  type ShareChangeRequest,
  sharedGraphSchema,
  shareLinkSchema,
} from "@distillery/shared/protocol/shares";
import { z } from "zod";
import type { RunSource } from "../run/runSource";
import { request, send } from "./http";

const sharePath = (slug: string): string => `/api/shares/${encodeURIComponent(slug)}`;
const sharedPath = (slug: string, rest = ""): string => `/api/shared/${encodeURIComponent(slug)}${rest}`;

/** The link to a saved graph as it is now. */
export const shareGraph = (id: string, body: ShareChangeRequest) =>
  request(`/api/graphs/${encodeURIComponent(id)}/share`, shareLinkSchema, { method: "POST", body });
export const listShares = () => request("/api/shares", z.array(shareLinkSchema));
export const changeShare = (slug: string, body: ShareChangeRequest) =>
  request(sharePath(slug), shareLinkSchema, { method: "PATCH", body });
export const revokeShare = (slug: string) => send(sharePath(slug), { method: "DELETE" });

export const getShared = (slug: string) => request(sharedPath(slug), sharedGraphSchema);
export const getSharedRun = (slug: string) => request(sharedPath(slug, "/run"), recordedRunSchema);
export const sharedSource = (slug: string): RunSource => ({
  image: async (seq) => (await send(sharedPath(slug, `/frames/${seq}`))).blob(),
  values: async (seq) =>
    new Float32Array(await (await send(sharedPath(slug, `/frames/${seq}?format=raw`))).arrayBuffer()),
  clip: async (seq, format, fps) => (await send(sharedPath(slug, `/frames/${seq}?format=${format}&fps=${fps}`))).blob(),
});
