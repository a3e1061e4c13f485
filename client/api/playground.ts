/** The playground's part of the server's interface. */
import { playgroundInfoSchema, type StylizeRequest, stylizedSchema } from "@distillery/shared/protocol/playground";
import { request } from "./http";

const query = (run: string | null): string => (run === null ? "" : `?run=${encodeURIComponent(run)}`);

/** What can be restyled with a run's networks; with the bundled teacher when `run` is null. */
export const getPlayground = (run: string | null) => request(`/api/playground${query(run)}`, playgroundInfoSchema);
export const stylize = (body: StylizeRequest, signal?: AbortSignal) =>
  request("/api/playground", stylizedSchema, { method: "POST", body, signal });
/** A held-out picture as drawn in a style. */
export const exampleUrl = (id: string, style: string): string =>
  `/api/playground/examples/${encodeURIComponent(id)}.png?style=${encodeURIComponent(style)}`;
