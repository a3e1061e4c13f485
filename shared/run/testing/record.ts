import type { RunRecord } from "../../protocol/rest";

/** A run that has just begun. */
export const runRecord = (over: Partial<RunRecord> = {}): RunRecord => ({
  id: "r1",
  status: "running",
  label: "",
  graphId: null,
  graphName: "g",
  graphHash: "h",
  device: "cpu",
  seed: 1,
  step: 0,
  steps: 10,
  createdAt: 1,
  startedAt: null,
  finishedAt: null,
  lastSeq: 0,
  error: null,
  metrics: {},
  batch: null,
  notes: "",
  tags: [],
  starred: false,
  ...over,
});
