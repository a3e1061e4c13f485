/** The library of parts. */
import { type Part, partRecordSchema, partSummarySchema } from "@distillery/shared/protocol/parts";
import { z } from "zod";
import { request, send } from "./http";

const path = (id: string) => `/api/parts/${encodeURIComponent(id)}`;

export const listParts = () => request("/api/parts", z.array(partSummarySchema));
export const getPart = (id: string) => request(path(id), partRecordSchema);
export const createPart = (part: Part) => request("/api/parts", partRecordSchema, { method: "POST", body: part });
/** Fails with a conflict when there is another revision than `revision` meanwhile. */
export const savePart = (id: string, revision: number, part: Part) =>
  request(path(id), partRecordSchema, { method: "PUT", body: { revision, part } });
export const deletePart = (id: string) => send(path(id), { method: "DELETE" });
