/** Runs in a store that nobody computes. */
import { emptyDocument } from "@distillery/shared/graph/document";
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { runRecord } from "@distillery/shared/run/testing/record";
import type { Store } from "../store/store";

export function addRun({ runs }: Pick<Store, "runs">, record: Partial<RunRecord>, document = emptyDocument("g")): void {
  runs.create({
    record: runRecord(record),
    document,
    overrides: {},
    owner: "server:1:1",
    sourceCheckpoint: null,
  });
}
