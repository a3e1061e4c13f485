/** Which run belonged to a graph, so that a reload shows it again. */
import { listRuns } from "../api/server";

const keyOf = (place: string): string => `distillery.run.${place}`;

/** `place` is a stored graph's id or the key of the tab of one never saved. */
export const rememberRun = (place: string, runId: string): void => localStorage.setItem(keyOf(place), runId);
export const forgetRun = (place: string): void => localStorage.removeItem(keyOf(place));

/** The run last looked at here, or the newest of the stored graph. */
export async function lastRunOf(place: string, graphId: string | null): Promise<string | null> {
  const remembered = localStorage.getItem(keyOf(place));
  if (remembered || graphId === null) return remembered;
  const [newest] = await listRuns({ graphId, limit: 1 });
  return newest?.id ?? null;
}
