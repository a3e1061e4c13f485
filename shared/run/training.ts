/** The training stage of a run: its session, its steps, and what a checkpoint of it holds. */
import type { PlannedStage, TapPoint, TrainStage } from "../compile/stages";
import type { HostIo, HostTensor, HostTensors, Turn } from "../graph/node";
import type { RunEnvironment, Tap } from "./job";
import { firstNonFinite, RunError } from "./nonFinite";
import { rowsOf } from "./observation";
import { StageSession, type StepResult, updatedOutputs } from "./stageSession";
import { StepProfile } from "./stepProfile";
import type { VariableStore } from "./variables";

/** What the run has done before a stage of training: steps and batches. */
type StagePlace = Pick<PlannedStage, "begin" | "batchesBefore">;

export class Training {
  private profile: StepProfile | null = null;
  private done = 0;

  private constructor(
    readonly stage: TrainStage,
    private readonly session: StageSession,
    private readonly env: RunEnvironment,
    private readonly before: StagePlace,
  ) {}

  static async create(
    stage: TrainStage,
    env: RunEnvironment,
    variables: VariableStore,
    before: StagePlace,
  ): Promise<Training> {
    const session = await StageSession.create(stage, env.runtime, variables, before.begin);
    return new Training(stage, session, env, before);
  }

  /**
   * Runs step number `step` of the run (from 0) and returns its series by `node.name`; where it takes turns, those of the last one.
   * A turn whose series are not all finite changes nothing and raises a RunError naming the first bad tensor.
   */
  async step(step: number, ioFor: (node: string) => HostIo): Promise<{ loss: number; series: Record<string, number> }> {
    const { turns, trainers } = this.stage;
    const { begin, batchesBefore } = this.before;
    let series: Record<string, number> = {};
    const take = async () => {
      for (const [i, turn] of turns.entries()) {
        const draw = batchesBefore + (step - begin) * turns.length + i;
        series = await this.turn(step, { turn, draw }, ioFor);
      }
    };
    this.done = step + 1;
    if (this.profile === null) await take();
    else {
      await this.profile.step(take);
      if (this.profile.isDone) await this.endProfile();
    }
    const losses = trainers.map(({ id }) => series[`${id}.loss`] ?? 0);
    return { loss: losses.reduce((sum, loss) => sum + loss, 0), series };
  }

  /** Measures the next `steps` steps; asked again meanwhile, it goes on with those. */
  async measure(steps: number): Promise<void> {
    if (this.profile !== null) return;
    try {
      this.profile = await StepProfile.begin(this.stage, updatedOutputs(this.stage), steps, this.env);
      this.session.measured = this.profile.session;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.env.sink.event({ type: "log", level: "warning", message: `The steps cannot be measured: ${reason}` });
    }
  }

  private async endProfile(): Promise<void> {
    const { profile } = this;
    this.profile = null;
    this.session.measured = null;
    await profile?.end(this.done);
  }

  private async turn(
    step: number,
    turn: { readonly turn: Turn; readonly draw: number },
    ioFor: (node: string) => HostIo,
  ): Promise<Record<string, number>> {
    const taps = this.env.control.taps.filter(({ every }) => step % every === 0);
    const extra = taps.flatMap((tap) => {
      const point = this.stage.taps.get(`${tap.node}.${tap.socket}`);
      return point === undefined ? [] : [point.output, ...(point.time === null ? [] : [point.time])];
    });
    const result = await this.session.run(step, {}, extra, turn);
    const series: Record<string, number> = {};
    for (const { output, node, name } of this.stage.builder.series) {
      series[`${node}.${name}`] = Number(result.values[output]?.data[0] ?? Number.NaN);
    }
    const bad = Object.entries(series).find(([, value]) => !Number.isFinite(value));
    if (bad !== undefined) await this.explain(step, bad[0], bad[1], result);
    this.session.commit();
    this.session.deliver(step, result.values, ioFor);
    for (const tap of taps) this.show(tap, step, result.values);
    return series;
  }

  saveHosts(): Record<string, HostTensors> {
    const saved: Record<string, HostTensors> = {};
    for (const [node, host] of this.session.hosts) {
      const state = host.save?.();
      if (state !== undefined) saved[node] = state;
    }
    return saved;
  }

  loadHosts(saved: Readonly<Record<string, HostTensors>>): void {
    for (const [node, state] of Object.entries(saved)) this.session.hosts.get(node)?.load?.(state);
  }

  async dispose(): Promise<void> {
    await this.endProfile();
    await this.session.dispose();
  }

  private async explain(step: number, series: string, value: number, result: StepResult): Promise<never> {
    this.session.discard();
    const found = await firstNonFinite(this.stage, this.env.runtime, result.feeds);
    const node = found?.node ?? series.split(".")[0];
    const title = this.stage.nodes.find(({ id }) => id === node)?.title ?? node;
    const where = found === undefined ? "" : ` The first bad value is "${found.tensor}" in "${title}".`;
    throw new RunError(
      `Step ${step + 1}: ${series.split(".").at(-1)} became ${value}.${where} Lower the learning rate or clip the gradient.`,
      node,
    );
  }

  private show({ node, socket }: Tap, step: number, values: Readonly<Record<string, HostTensor>>): void {
    const point = this.stage.taps.get(`${node}.${socket}`);
    const value = point && values[point.output];
    if (point === undefined || value === undefined) return;
    const nodes = point.time === null ? undefined : values[point.time];
    for (const { row, shape, data } of rowsOf(value.shape, numbersOf(value, point))) {
      const at = nodes?.data[row];
      const t = at === undefined || point.schedule === null ? null : point.schedule.timestepOf(Number(at));
      this.env.sink.frame({ step, node, socket, row, t, shape: [...shape], tap: true }, data);
    }
  }
}

/** Values as they are shown; of times their timesteps. */
function numbersOf({ data }: HostTensor, { time, schedule }: TapPoint): Float32Array {
  if (data instanceof Float32Array) return data;
  const isTime = time === null && schedule !== null;
  return Float32Array.from(data, (value: number | bigint) =>
    isTime ? schedule.timestepOf(Number(value)) : Number(value),
  );
}
