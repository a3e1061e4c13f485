/** Evaluation during a run: samplers that are due are run, the nodes that watch their paths are told, scorers measure
 * them; surveys look at whole data sets. */
import type { Plan } from "../compile/stages";
import type { HostIo, HostPart, TrajectoryData } from "../graph/node";
import type { WireType, WireValues } from "../graph/wires";
import { SCORES } from "../protocol/scores";
import type { RunEnvironment } from "./job";
import { SampleSession } from "./sampleSession";
import { metricsOf, type PathScores, reportOf, ScoreSession, scoresCsv } from "./scoreSession";
import { SurveySession } from "./surveySession";
import type { VariableStore } from "./variables";

/** Rows of a tapped batch that are shown. */
export const TAP_ROWS = 4;

export class Observation {
  private readonly sessions: SampleSession[] = [];
  private readonly hosts = new Map<string, HostPart>();
  private readonly latest = new Map<string, readonly TrajectoryData[]>();
  private readonly scorers: ScoreSession[] = [];
  private readonly surveys: SurveySession[] = [];
  private readonly scores = new Map<string, readonly PathScores[]>();

  private constructor(
    private readonly plan: Plan,
    private readonly env: RunEnvironment,
    private readonly trained: ReadonlySet<string>,
  ) {}

  static async create(plan: Plan, env: RunEnvironment, variables: VariableStore): Promise<Observation> {
    const updated = [...(plan.train?.builder.variables ?? [])].filter(([, { next }]) => next !== undefined);
    const observation = new Observation(plan, env, new Set(updated.map(([name]) => name)));
    for (const sampler of plan.samplers) {
      observation.sessions.push(await SampleSession.create(sampler, env.runtime, variables));
    }
    for (const scorer of plan.scorers) {
      observation.scorers.push(await ScoreSession.create(scorer, env.runtime, variables, observation.trained));
    }
    for (const survey of plan.surveys) {
      observation.surveys.push(
        await SurveySession.create(survey, env.runtime, variables, env.resources, observation.trained),
      );
    }
    for (const { node, values } of plan.observers) {
      const inputs = Object.fromEntries(
        Object.entries(values).map(([socket, value]): [string, WireValues[WireType][]] => [
          socket,
          value === undefined ? [] : [value].flat(),
        ]),
      );
      const host = await node.definition.host?.(node.params, {
        seed: plan.graph.document.seed,
        batch: plan.train?.batch ?? 1,
        resources: env.resources,
        inputs,
        feeds: {},
      });
      if (host !== undefined) observation.hosts.set(node.id, host);
    }
    return observation;
  }

  /**
   * Runs the samplers that are due after `step` training steps; `all` runs every one that can have changed.
   * Says whether anything was done.
   */
  async evaluate(step: number, ioFor: (node: string) => HostIo, all: boolean): Promise<boolean> {
    const { env } = this;
    const isTime = (every: number) => all || (every > 0 && step % every === 0);
    const due = this.sessions.filter((session) => {
      const known = this.latest.has(session.sampler.node.id);
      return !known || (session.dependsOn(this.trained) && isTime(session.sampler.plan.every));
    });
    const isScorerDue = this.scorers.some(
      ({ changes, scorer }) =>
        changes &&
        this.sessions.some(({ sampler }) => scorer.samplers.includes(sampler.node.id) && isTime(sampler.plan.every)),
    );
    const surveys = this.surveys.filter((survey) => survey.isDue(isTime));
    for (const survey of surveys) {
      if (env.control.cancelled) return true;
      await this.look(survey, ioFor);
    }
    if (due.length === 0 && !isScorerDue) return surveys.length > 0;
    for (const session of due) {
      if (env.control.cancelled) return true;
      const { node } = session.sampler;
      env.sink.event({ type: "node", node: node.id, state: "running" });
      const paths = await session.run(
        env.now,
        (column, at, values) => this.showTapped(session, step, column, at, values),
        () => env.control.turn(),
      );
      this.latest.set(node.id, paths);
      const milliseconds = paths.reduce((sum, path) => sum + path.milliseconds, 0);
      env.sink.event({ type: "node", node: node.id, state: "done", milliseconds });
    }
    for (const { node, trajectories } of this.plan.observers) {
      const host = this.hosts.get(node.id);
      const arriving = Object.fromEntries(
        Object.entries(trajectories).map(([socket, samplers]) => [socket, this.pathsOf(samplers)]),
      );
      await host?.observe?.(arriving, ioFor(node.id));
    }
    for (const session of this.scorers) {
      if (env.control.cancelled) return true;
      await this.score(session, ioFor);
    }
    return true;
  }

  /** Per picture, what the scorers found last, as a file; null when nothing was scored. */
  scoresFile(): Uint8Array | null {
    return this.scores.size === 0 ? null : new TextEncoder().encode(scoresCsv([...this.scores.values()]));
  }

  private pathsOf(samplers: readonly string[]): TrajectoryData[] {
    return samplers.flatMap((id) => this.latest.get(id) ?? []);
  }

  private async score(session: ScoreSession, ioFor: (node: string) => HostIo): Promise<void> {
    const { env } = this;
    const { node, samplers } = session.scorer;
    const begin = env.now();
    env.sink.event({ type: "node", node: node.id, state: "running" });
    const { scores, isNew } = await session.score(this.pathsOf(samplers), () => env.control.turn());
    env.sink.event({ type: "node", node: node.id, state: "done", milliseconds: env.now() - begin });
    if (!isNew) return;
    this.scores.set(node.id, scores);
    const io = ioFor(node.id);
    for (const { name, value } of metricsOf(scores)) io.metric(name, value);
    io.data(SCORES, reportOf(scores));
    scores.forEach(({ shown }, place) => {
      if (shown !== undefined) node.definition.scorer?.show?.(shown, place, io);
    });
  }

  private async look(session: SurveySession, ioFor: (node: string) => HostIo): Promise<void> {
    const { env } = this;
    const { node } = session.survey;
    const begin = env.now();
    env.sink.event({ type: "node", node: node.id, state: "running" });
    await session.run(ioFor(node.id), () => env.control.turn());
    env.sink.event({ type: "node", node: node.id, state: "done", milliseconds: env.now() - begin });
  }

  async dispose(): Promise<void> {
    for (const session of [...this.sessions, ...this.scorers, ...this.surveys]) await session.dispose();
  }

  private async showTapped(
    session: SampleSession,
    step: number,
    column: number,
    at: number,
    state: Float32Array,
  ): Promise<void> {
    const { sampler } = session;
    const tap = this.env.control.taps.find(({ node }) => node === sampler.node.id);
    if (tap === undefined) return;
    const t = sampler.schedule.timestepOf(at);
    const columns = sampler.plan.paths[0]?.nodes.length ?? 0;
    const { shape: whole, values } = await session.pictureOf(state);
    for (const { row, shape, data } of rowsOf(whole, values)) {
      this.env.sink.frame(
        { step, node: tap.node, socket: tap.socket, row, t, column, columns, shape: [...shape], tap: true },
        data,
      );
    }
  }
}

/** What is shown of a batch: single pictures, or all points of a 2-D set at once. */
export function rowsOf(
  shape: readonly number[],
  values: Float32Array,
): { row: number; shape: readonly number[]; data: Float32Array }[] {
  const [batch = 1, ...sample] = shape;
  if (sample.length < 2) return [{ row: 0, shape, data: values }];
  const size = values.length / batch;
  return Array.from({ length: Math.min(batch, TAP_ROWS) }, (_, row) => ({
    row,
    shape: sample,
    data: values.slice(row * size, (row + 1) * size),
  }));
}
