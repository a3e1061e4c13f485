/** One stage of training while a run is at it: its sessions, its values, its files. */
import type { PlannedStage } from "../compile/stages";
import type { HostTensors } from "../graph/node";
import type { Checkpoint } from "./checkpoint";
import { type Export, exportsOf, writeExports } from "./exports";
import type { RunEnvironment } from "./job";
import { Observation } from "./observation";
import { Training } from "./training";
import { type Changes, VariableStore } from "./variables";

/** What a stage begins with: a checkpoint's values, or those that the stage before hands over. */
export type Inheritance = Pick<Checkpoint, "variables" | "hosts"> & { readonly changes?: Changes };

const NOTHING: Inheritance = { variables: {}, hosts: {} };

export class StageRun {
  private isDisposed = false;

  private constructor(
    readonly stage: PlannedStage,
    readonly variables: VariableStore,
    readonly training: Training | null,
    readonly observation: Observation,
    private readonly exports: readonly Export[],
    private readonly env: RunEnvironment,
  ) {}

  static async open(stage: PlannedStage, env: RunEnvironment, inherited: Inheritance = NOTHING): Promise<StageRun> {
    const { plan, index } = stage;
    const variables = new VariableStore(env.runtime, plan.graph.document.seed, index);
    // Before anything is declared, so that nothing is drawn or read only to be replaced.
    variables.load(inherited.variables);
    variables.merge(inherited.changes ?? new Map());
    const training = plan.train && (await Training.create(plan.train, env, variables, stage));
    training?.loadHosts(inherited.hosts);
    const observation = await Observation.create(plan, env, variables);
    return new StageRun(stage, variables, training, observation, exportsOf(plan, env.library), env);
  }

  /** Everything: what a checkpoint holds of it. */
  async save(): Promise<Inheritance> {
    return { variables: await this.variables.download(), hosts: this.training?.saveHosts() ?? {} };
  }

  /** Ends this stage and opens the next one with what carries over. */
  async handOver(next: PlannedStage): Promise<StageRun> {
    const variables = await this.variables.carried(next);
    const hosts: Record<string, HostTensors> = {};
    for (const [node, state] of Object.entries(this.training?.saveHosts() ?? {}))
      if (next.keep.includes(node)) hosts[node] = state;
    const changes = await this.variables.changesOf(next.merge, this.stage.plan.graph);
    await this.dispose();
    return StageRun.open(next, this.env, { variables, hosts, changes });
  }

  /** Writes the files that are due after `done` steps; all of them at the end. */
  async write(done: number, isEnd: boolean): Promise<void> {
    const due = isEnd ? this.exports : this.exports.filter(({ every }) => every > 0 && done % every === 0);
    await writeExports(due, this.stage.plan, done, this.variables, this.env);
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    await this.training?.dispose();
    await this.observation.dispose();
  }
}
