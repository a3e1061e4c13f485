/** The recorded part of a run that a link shares. */
import { excerptOf } from "@distillery/shared/protocol/excerpt";
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import type { SharedRunPart } from "../store/shares";
import type { Store } from "../store/store";

/** Undefined when the run is gone. */
export function recordedRun(store: Pick<Store, "runs">, { id, lastSeq }: SharedRunPart): RecordedRun | undefined {
  const detail = store.runs.detail(id);
  if (detail === undefined) return undefined;
  const { label, device, seed, steps, createdAt, graph } = detail;
  const events = store.runs.events(id, 0, lastSeq);
  let { status, step } = detail;
  // Shared while it went on: as it was then.
  if (lastSeq < detail.lastSeq) {
    status = events.findLast((event) => event.type === "status")?.status ?? status;
    step = events.findLast((event) => event.type === "step")?.step ?? 0;
  }
  return { status, label, device, seed, step, steps, createdAt, graph, events: excerptOf(events) };
}
