/** Which run belonged to a graph, so that a reload shows it again. */
import { listRuns } from "../api/server";

const keyOf = (graphId: string | null): string => `distillery.run.${graphId ?? "new"}`;

export const rememberRun = (graphId: string | null, runId: string): void => localStorage.setItem(keyOf(graphId), runId);
export const forgetRun = (graphId: string | null): void => localStorage.removeItem(keyOf(graphId));

/** The run last looked at here, or the newest of the stored graph. */
export async function lastRunOf(graphId: string | null): Promise<string | null> {
  const remembered = localStorage.getItem(keyOf(graphId));
  if (remembered || graphId === null) return remembered;
  const [newest] = await listRuns(graphId);
  return newest?.id ?? null;
}
