/** Runs one graph from its first step to its summary. Knows no process, socket or file: those are the environment's. */
import type { Plan, TrainStage } from "../compile/stages";
import { compileDocument, compileImporting } from "../compile/validate";
import { contentHash } from "../graph/hash";
import type { WeightsValue } from "../graph/wires";
import { sizeOf } from "../onnx/graph";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint";
import { exportsOf, writeExports } from "./exports";
import type { RunEnvironment, RunJob, RunSummary } from "./job";
import { RunError } from "./nonFinite";
import { Observation } from "./observation";
import { Report } from "./report";
import { Training } from "./training";
import { VariableStore } from "./variables";

/**
 * Compiles and runs `job.document`. Failures of the run (bad graph, divergence) are part of the summary;
 * only faults of the program itself are thrown.
 */
export async function executeRun(job: RunJob, env: RunEnvironment): Promise<RunSummary> {
  const begin = env.now();
  const plan = await compile(job, env);
  const steps = job.steps ?? plan.train?.steps ?? 0;
  const variables = new VariableStore(env.runtime, plan.graph.document.seed);
  const checkpoint = job.checkpoint === undefined ? undefined : decodeCheckpoint(job.checkpoint);
  // Before anything is declared, so that nothing is drawn or read only to be replaced.
  if (checkpoint !== undefined) variables.load(checkpoint.variables);
  const training = plan.train && (await Training.create(plan.train, env, variables));
  const observation = await Observation.create(plan, env, variables);
  const report = new Report(env, steps);
  const graphHash = await contentHash(plan.graph.document);
  const exports = exportsOf(plan, env.library);

  let done = 0;
  let savedAt: number | null = null;
  if (checkpoint !== undefined) {
    training?.loadHosts(checkpoint.hosts);
    report.restore(checkpoint.history);
    done = checkpoint.step;
    savedAt = checkpoint.step;
  }
  env.sink.event({ type: "compiled", milliseconds: env.now() - begin, stages: describe(plan), steps });
  if (plan.train !== null) tellParameters(plan.train, env);

  const save = async () => {
    if (training === null) return;
    const bytes = encodeCheckpoint({
      step: done,
      graphHash,
      variables: await variables.download(),
      hosts: training.saveHosts(),
      history: report.history(),
    });
    env.sink.checkpoint(done, bytes);
    savedAt = done;
  };
  const evaluate = (all: boolean) =>
    report.aside(async () => {
      if (await observation.evaluate(done, report.ioFor(done), all)) await env.sink.settle?.();
    });
  const outcome = (status: RunSummary["status"], error?: RunSummary["error"]) =>
    summarise(status, done, report, variables, error);

  try {
    // With nothing left to train the evaluation at the end is the only one.
    if (done < steps) await evaluate(false);
    if (training !== null) {
      markNodes(training.stage, env, "running");
      while (done < steps) {
        await env.control.turn(() => report.flush());
        if (env.control.cancelled) break;
        const { loss, series } = await training.step(done, report.ioFor(done));
        done++;
        report.step(done, loss, series);
        if (done < steps) await evaluate(false);
        const { checkpointEvery } = training.stage;
        if (checkpointEvery > 0 && done % checkpointEvery === 0 && done < steps) await save();
        await writeExports(
          exports.filter(({ every }) => every > 0 && done % every === 0 && done < steps),
          plan,
          done,
          variables,
          env,
        );
      }
      markNodes(training.stage, env, "done");
    }
    if (env.control.cancelled) {
      report.flush();
      await save();
      return await outcome("cancelled");
    }
    await evaluate(true);
    await save();
    await writeExports(exports, plan, done, variables, env);
    const scores = observation.scoresFile();
    if (scores !== null) env.sink.artifact("scores.csv", "text/csv", scores);
    return await outcome("done");
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const kept =
      savedAt === null ? "No checkpoint had been written yet." : `The checkpoint after step ${savedAt} is kept.`;
    const message = `${error.message} ${kept}`;
    if (error.node === undefined) return await outcome("failed", { message });
    env.sink.event({ type: "node", node: error.node, state: "error", message });
    return await outcome("failed", { message, node: error.node });
  } finally {
    await training?.dispose();
    await observation.dispose();
  }
}

/** Files that cannot be imported are refused: a stand-in must not run. */
async function compile({ document }: RunJob, { library, resources, imports }: RunEnvironment): Promise<Plan> {
  if (imports !== undefined) return compileImporting(document, library, resources, imports);
  return compileDocument(document, library, { ...resources, importedModel: () => undefined });
}

function describe(plan: Plan): { name: string; nodes: number; parameters: number }[] {
  const stages = [...(plan.train ? [plan.train] : []), ...plan.samplers.map(({ step }) => step)];
  return stages.map(({ builder }) => ({
    name: builder.options.name,
    nodes: builder.graph.nodes.length,
    parameters: [...builder.variables.values()]
      .filter(({ spec }) => spec.role === "parameter")
      .reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0),
  }));
}

/** How much each trainer trains. */
function tellParameters({ trainers, values, builder }: TrainStage, env: RunEnvironment): void {
  for (const { inputs } of trainers) {
    const from = inputs.get("weights")?.[0]?.from;
    const weights = from && (values.get(from.node)?.[from.socket] as WeightsValue | undefined);
    if (weights === undefined) continue;
    const trained = [...builder.context(weights.owner, weights.title).parametersOf(weights.owner).values()];
    const count = trained.reduce((sum, { size }) => sum + size, 0).toLocaleString("en-US");
    const message = `"${weights.title}" trains ${count} parameters in ${trained.length} tensors.`;
    env.sink.event({ type: "log", level: "info", message, node: weights.owner });
  }
}

function markNodes(stage: TrainStage, env: RunEnvironment, state: "running" | "done"): void {
  for (const { id } of stage.nodes) env.sink.event({ type: "node", node: id, state });
}

async function summarise(
  status: RunSummary["status"],
  steps: number,
  report: Report,
  variables: VariableStore,
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
