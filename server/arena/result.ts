/** What the runs of an entry left, as a result. */

import type { ArenaPictures, ArenaResult } from "@distillery/shared/protocol/arena";
import type { RunEvent } from "@distillery/shared/protocol/events";
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { SCORES, type ScoreReport, type ScoreRow, scoreReportSchema } from "@distillery/shared/protocol/scores";
import { PICTURES } from "../graph/evaluation";
import { joinReports } from "../graph/scoreRows";
import type { Store } from "../store/store";
import { summarySchema } from "../worker/protocol";

const PAGE = 5000;
const TRAIN_STAGE = "train";

export function resultOf(store: Store, evaluation: RunRecord, training: RunRecord | null): ArenaResult {
  const events = eventsOf(store, evaluation.id);
  const reports = events.flatMap((event) =>
    event.type === "data" && event.name === SCORES
      ? [{ node: event.node, report: scoreReportSchema.parse(event.value) }]
      : [],
  );
  const shown = reports.find(({ node }) => node === PICTURES)?.report;
  return {
    training: training && trainingOf(store, training),
    evaluationRunId: evaluation.id,
    scores: joinReports(reports.filter(({ node }) => node !== PICTURES).map(({ report }) => report)),
    pictures: picturesOf(events, shown),
  };
}

function trainingOf(store: Store, run: RunRecord): NonNullable<ArenaResult["training"]> {
  const { steps, stepsPerSecond } = summarySchema.parse(store.runs.summary(run.id));
  const secondsPerUpdate = stepsPerSecond > 0 ? 1 / stepsPerSecond : 0;
  const compiled = eventsOf(store, run.id).find((event) => event.type === "compiled");
  const stages = compiled?.type === "compiled" ? compiled.stages : [];
  return {
    runId: run.id,
    updates: steps,
    seconds: steps * secondsPerUpdate,
    secondsPerUpdate,
    parameters: stages.find(({ name }) => name === TRAIN_STAGE)?.parameters ?? 0,
  };
}

/** The n-th picture is that of the n-th path: scores and pictures come of one scorer in one order. */
function picturesOf(events: readonly RunEvent[], report: ScoreReport | undefined): ArenaPictures {
  const frames = events.flatMap((event) => (event.type === "frame" && event.node === PICTURES ? [event] : []));
  const single = (socket: string) => frames.find((frame) => frame.socket === socket)?.seq ?? null;
  const rows: readonly ScoreRow[] = report?.rows ?? [];
  return {
    source: single("source"),
    answer: single("answer"),
    results: rows.flatMap(({ nfe, guidanceScale }, place) => {
      const seq = frames.find(({ socket, row }) => socket === "results" && row === place)?.seq;
      return seq === undefined ? [] : [{ nfe, guidanceScale, seq }];
    }),
  };
}

function eventsOf(store: Store, id: string): RunEvent[] {
  const all: RunEvent[] = [];
  for (let after = 0; ; ) {
    const page = store.runs.events(id, after, PAGE);
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return all;
    after = last.seq;
  }
}
