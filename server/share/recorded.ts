/** The recorded part of a run that a link shares. */
import { excerptOf } from "@distillery/shared/protocol/excerpt";
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import type { SharedRunPart } from "../store/shares";
import type { Store } from "../store/store";
import { Kept } from "./kept";

/** Excerpts are a megabyte or two. */
const KEPT = 8;

export class RecordedRuns {
  /** A log is long and what is shared of it never changes: it is read once. */
  private readonly excerpts = new Kept<Pick<RecordedRun, "status" | "step" | "events">>(KEPT);

  constructor(private readonly store: Pick<Store, "runs">) {}

  /** Undefined when the run is gone. */
  get({ id, lastSeq }: SharedRunPart): RecordedRun | undefined {
    const detail = this.store.runs.detail(id);
    if (detail === undefined) return undefined;
    const { label, device, seed, steps, createdAt, graph } = detail;
    const { events, ...then } = this.excerpts.get(`${id} ${lastSeq}`, () => {
      const log = this.store.runs.events(id, 0, lastSeq);
      return {
        status: log.findLast((event) => event.type === "status")?.status ?? detail.status,
        step: log.findLast((event) => event.type === "step")?.step ?? 0,
        events: excerptOf(log),
      };
    });
    // Shared while it went on: as it was then.
    const { status, step } = lastSeq < detail.lastSeq ? then : detail;
    return { status, label, device, seed, step, steps, createdAt, graph, events };
  }
}
