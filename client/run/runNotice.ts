/** How a run is told to someone who looks elsewhere: in the page's title, and, if asked for, by the desktop. */
import type { RunStatus } from "@distillery/shared/protocol/events";

/** Seconds after which the end of a run is worth a message. */
const LONG = 10;
const ENDED: Partial<Record<RunStatus, string>> = { done: "Done", failed: "Failed", cancelled: "Cancelled" };

/** `42 % · std-2d - Distillery` while it runs; how it ended until the page is looked at. */
export function pageTitle(graph: string, status: RunStatus | null, progress: number, isUnseen: boolean): string {
  const name = `${graph || "Untitled"} - Distillery`;
  if (status === null) return name;
  const ended = ENDED[status];
  if (ended !== undefined) return isUnseen ? `${ended} · ${name}` : name;
  if (status === "queued") return `Waiting · ${name}`;
  return `${status === "paused" ? "Paused at " : ""}${Math.floor(progress * 100)} % · ${name}`;
}

export interface EndedRun {
  readonly title: string;
  readonly status: RunStatus;
  readonly seconds: number;
  readonly error: { readonly message: string; readonly node?: string | undefined } | null;
}

/** What the desktop is told; null for what nobody waits for. */
export function endNotice({ title, status, seconds, error }: EndedRun): { title: string; body: string } | null {
  if (status === "cancelled" || seconds < LONG) return null;
  if (status === "done") return { title: `${title} is done`, body: `After ${Math.round(seconds)} s.` };
  const where = error?.node ? `${error.node}: ` : "";
  return { title: `${title} failed`, body: `${where}${error?.message ?? "The run failed."}` };
}
