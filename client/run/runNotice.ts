/** How a run is told to someone who looks elsewhere: in the page's title, and, if asked for, by the desktop. */
import { isFinal, type RunStatus } from "@distillery/shared/protocol/events";
import { say } from "../language";

const words = say.run;

/** Seconds after which the end of a run is worth a message. */
const LONG = 10;

/** `42 % · std-2d - Distillery` while it runs; how it ended until the page is looked at. */
export function pageTitle(graph: string, status: RunStatus | null, progress: number, isUnseen: boolean): string {
  const name = `${graph || words.notice.untitled} - Distillery`;
  if (status === null) return name;
  if (isFinal(status)) return isUnseen ? `${words.status[status]} · ${name}` : name;
  if (status === "queued") return `${words.notice.waiting} · ${name}`;
  const share = `${Math.floor(progress * 100)} %`;
  return `${status === "paused" ? words.notice.pausedAt(share) : share} · ${name}`;
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
  if (status === "done") return { title: words.notice.done(title), body: words.notice.after(Math.round(seconds)) };
  const where = error?.node ? `${error.node}: ` : "";
  return { title: words.notice.failed(title), body: `${where}${error?.message ?? words.failed}` };
}
