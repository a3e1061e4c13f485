/** Runs one graph from its first step to its summary. Knows no process, socket or file: those are the environment's. */
import type { PlannedStage } from "../compile/stages";
import { compileStages, compileStagesImporting } from "../compile/validate";
import { contentHash } from "../graph/hash";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint";
import type { RunEnvironment, RunJob, RunSummary } from "./job";
import { RunError } from "./nonFinite";
import { Report } from "./report";
import { StageRun } from "./stageRun";
import { compiledStages, tellNodes, tellNothingLeft, tellParameters, tellStage } from "./tell";

/**
 * Compiles and runs `job.document`, stage after stage of its training. Failures of the run (bad graph, divergence) are part
 * of the summary; only faults of the program itself are thrown.
 */
export async function executeRun(job: RunJob, env: RunEnvironment): Promise<RunSummary> {
  const begin = env.now();
  const stages = await compile(job, env);
  // More steps than the stages have are the last one's, fewer end the run early.
  const steps = job.steps ?? stages.at(-1)?.end ?? 0;
  const checkpoint = job.checkpoint === undefined ? undefined : decodeCheckpoint(job.checkpoint);
  const report = new Report(env, steps);
  const graphHash = await contentHash(job.document);
  let done = checkpoint?.step ?? 0;
  let savedAt = checkpoint?.step ?? null;
  let current = await StageRun.open(stageAt(stages, checkpoint?.stage ?? 0), env, checkpoint);
  if (checkpoint !== undefined) report.restore(checkpoint.history);
  const { plan } = current.stage;
  env.sink.event({ type: "compiled", milliseconds: env.now() - begin, stages: compiledStages(plan), steps });
  if (plan.train !== null) tellParameters(plan.train, env);
  if (plan.train !== null && done >= steps) tellNothingLeft(done, env);
  tellStage(stages, current.stage, done, env);

  const save = async () => {
    if (current.training === null) return;
    const { index } = current.stage;
    const state = { ...(await current.save()), history: report.history() };
    env.sink.checkpoint(done, encodeCheckpoint({ step: done, stage: index, graphHash, ...state }));
    savedAt = done;
  };
  const evaluate = (all: boolean) =>
    report.aside(async () => {
      if (await current.observation.evaluate(done, report.ioFor(done), all)) await env.sink.settle?.();
    });
  /** On to the stage that the next step belongs to. */
  const advance = async () => {
    for (let next = stages[current.stage.index + 1]; next && done >= next.begin; next = stages[next.index + 1]) {
      const following = next;
      await report.newStage(async () => {
        if (current.training !== null) tellNodes(current.training.stage, env, "done");
        current = await current.handOver(following);
      });
      tellStage(stages, next, done, env);
      if (current.training !== null) tellNodes(current.training.stage, env, "running");
    }
  };
  const outcome = (status: RunSummary["status"], error?: RunSummary["error"]) =>
    summarise(status, done, report, current, error);

  try {
    if (current.training !== null) {
      tellNodes(current.training.stage, env, "running");
      if (done < steps) await advance();
    }
    // With nothing left to train the evaluation at the end is the only one.
    if (done < steps) await evaluate(false);
    while (current.training !== null && done < steps) {
      await env.control.turn(() => report.flush());
      if (env.control.cancelled) break;
      const measured = env.control.takeProfile?.() ?? 0;
      if (measured > 0) await report.aside(async () => current.training?.measure(measured));
      const { loss, series } = await current.training.step(done, report.stepIoFor(done));
      done++;
      report.step(done, loss, series);
      if (done === steps) break;
      await advance();
      await evaluate(false);
      const every = current.training?.stage.checkpointEvery ?? 0;
      if (every > 0 && done % every === 0) await save();
      await current.write(done, false);
    }
    if (current.training !== null) tellNodes(current.training.stage, env, "done");
    if (env.control.cancelled) {
      report.flush();
      await save();
      return await outcome("cancelled");
    }
    await evaluate(true);
    await save();
    await current.write(done, true);
    tellStage(stages, null, done, env);
    const scores = current.observation.scoresFile();
    if (scores !== null) env.sink.artifact("scores.csv", "text/csv", scores);
    return await outcome("done");
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    // The last steps before it are what one wants to see.
    report.flush();
    const kept =
      savedAt === null ? "No checkpoint had been written yet." : `The checkpoint after step ${savedAt} is kept.`;
    const message = `${error.message} ${kept}`;
    if (error.node === undefined) return await outcome("failed", { message });
    env.sink.event({ type: "node", node: error.node, state: "error", message });
    return await outcome("failed", { message, node: error.node });
  } finally {
    await current.dispose();
  }
}

/** Files that cannot be imported are refused: a stand-in must not run. */
async function compile({ document }: RunJob, env: RunEnvironment): Promise<readonly PlannedStage[]> {
  const { library, resources, imports } = env;
  if (imports !== undefined) return compileStagesImporting(document, library, resources, imports);
  return compileStages(document, library, { ...resources, importedModel: () => undefined });
}

/** The stage a checkpoint was written in; a graph that has fewer by now goes on with its last. */
function stageAt(stages: readonly PlannedStage[], index: number): PlannedStage {
  const stage = stages[index] ?? stages.at(-1);
  if (stage === undefined) throw new Error("A run without a stage.");
  return stage;
}

async function summarise(
  status: RunSummary["status"],
  steps: number,
  report: Report,
  { variables }: StageRun,
  error: RunSummary["error"],
): Promise<RunSummary> {
  return {
    status,
    steps,
    seconds: report.seconds(),
    stepsPerSecond: report.stepsPerSecond(),
    metrics: report.metrics(),
    weightsSha256: await variables.sha256(),
    ...(error === undefined ? {} : { error }),
  };
}
