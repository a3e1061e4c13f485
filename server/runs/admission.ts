/** What a run needs before it may wait for a device: a graph that can run, with its overrides applied. */
import { stretched } from "@distillery/shared/compile/duration";
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import { contentHash } from "@distillery/shared/graph/hash";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Overrides, RunRecord } from "@distillery/shared/protocol/rest";
import { type Batch, batchSize, MAX_BATCH, plannedRuns } from "@distillery/shared/run/batch";
import { newId } from "../identifiers";
import type { GraphCheck } from "../validation/check";
import { applyOverrides } from "./overrides";

export interface RunRequest {
  readonly graph: unknown;
  readonly graphId?: string | undefined;
  readonly label?: string | undefined;
  readonly overrides: Overrides;
  /** Blob of a checkpoint to continue from, instead of a run's (`overrides.from`). */
  readonly checkpoint?: string | undefined;
  /** Steps to be measured from its beginning. */
  readonly profile?: number | undefined;
  /** What it is started together with. */
  readonly batch?: string | undefined;
}

/** The request cannot be fulfilled as it is; `issues` point into the graph. */
export class RunRefused extends Error {
  override readonly name = "RunRefused";
  constructor(
    message: string,
    readonly kind: "invalid" | "missing" | "conflict",
    readonly issues: readonly Issue[] = [],
  ) {
    super(message);
  }
}

/** A run that may be stored and queued. */
export interface AdmittedRun {
  readonly record: RunRecord;
  readonly document: GraphDocument;
  readonly overrides: Overrides;
  readonly checkpoint: string | undefined;
  readonly profile: number | undefined;
}

export class Admission {
  constructor(
    private readonly library: NodeLibrary,
    private readonly validate: (graph: unknown) => Promise<GraphCheck>,
  ) {}

  /** @throws RunRefused when the graph or an override is no good. */
  async admit({ graph, graphId, label, overrides, checkpoint, profile, batch }: RunRequest): Promise<AdmittedRun> {
    const parsed = await this.validate(graph);
    // Errors of the plan may be cured by an override, so only an unreadable document ends it here.
    if (parsed.document === undefined) throw refuseInvalid(parsed.issues);
    const changed = applyOverrides(parsed.document, overrides, this.library);
    if (changed.issues.length > 0) throw refuseInvalid(changed.issues);
    // A seed decides nothing about whether a graph can run.
    const checked = overrides.params === undefined ? parsed : await this.validate(changed.document);
    if (checked.issues.some(({ severity }) => severity === "error")) throw refuseInvalid(checked.issues);
    const { steps = checked.steps } = overrides;
    // Fewer steps than planned end a run early, to be continued; more would be made at the rate where the schedule ends.
    const isLonger = checked.steps > 0 && steps > checked.steps;
    const document = isLonger ? stretched(changed.document, steps, this.library) : changed.document;
    const record: RunRecord = {
      id: newId(),
      status: "queued",
      label: label ?? "",
      graphId: graphId ?? null,
      graphName: document.name,
      graphHash: await contentHash(document),
      device: overrides.device ?? "cpu",
      seed: document.seed,
      step: 0,
      steps,
      createdAt: Date.now(),
      startedAt: null,
      finishedAt: null,
      lastSeq: 0,
      error: null,
      metrics: {},
      batch: batch ?? null,
      notes: "",
      tags: [],
      starred: false,
    };
    return { record, document, overrides, checkpoint, profile };
  }

  /** All runs of a batch, or none. @throws RunRefused when one of them is no good, saying which. */
  async admitAll({ graph, overrides, label, ...request }: RunRequest, batch: Batch): Promise<AdmittedRun[]> {
    const size = batchSize(batch);
    if (size > MAX_BATCH) throw new RunRefused(`${size} runs are too many at once; at most ${MAX_BATCH}.`, "invalid");
    const { document, issues } = await this.validate(graph);
    if (document === undefined) throw refuseInvalid(issues);
    const planned = plannedRuns(batch, overrides.seed ?? document.seed, label);
    const id = planned.length > 1 ? newId() : undefined;
    const admitted: AdmittedRun[] = [];
    for (const { label: own, seed, params } of planned) {
      const all = { ...overrides.params, ...params };
      const changed = { ...overrides, seed, ...(Object.keys(all).length === 0 ? {} : { params: all }) };
      try {
        admitted.push(await this.admit({ ...request, graph, label: own, overrides: changed, batch: id }));
      } catch (error) {
        if (error instanceof RunRefused && own !== "")
          throw new RunRefused(`${own}: ${error.message}`, error.kind, error.issues);
        throw error;
      }
    }
    return admitted;
  }
}

function refuseInvalid(issues: readonly Issue[]): RunRefused {
  const errors = issues.filter((issue) => issue.severity === "error");
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new RunRefused(`${errors[0]?.message ?? "The graph is not valid."}${more}`, "invalid", issues);
}
