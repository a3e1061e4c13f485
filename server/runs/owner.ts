/** Which process looks after a run, so that a restarted server takes over its own runs and nobody else's. */
import { readFileSync } from "node:fs";

export type Origin = "server" | "cli";

/** Start time of a process in clock ticks since boot: a reused process number does not look alive. */
function startTime(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ");
    return fields?.[19] ?? "0";
  } catch {
    return "0";
  }
}

export const ownerTag = (origin: Origin): string => `${origin}:${process.pid}:${startTime(process.pid)}`;

export const originOf = (tag: string): Origin => (tag.startsWith("cli:") ? "cli" : "server");

/** Whether the process that looked after a run still exists. */
export function isOwnerAlive(tag: string): boolean {
  const [, pidText, started] = tag.split(":");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return startTime(pid) === started;
}
