/** Evaluation during a run: samplers that are due are run, and the nodes that watch their paths are told. */
import type { Plan, SamplerStage } from "../compile/stages";
import type { HostIo, HostPart, TrajectoryData } from "../graph/node";
import type { WireType, WireValues } from "../graph/wires";
import type { RunEnvironment } from "./job";
import { SampleSession } from "./sampleSession";
import type { VariableStore } from "./variables";

/** Rows of a tapped batch that are shown. */
export const TAP_ROWS = 4;

export class Observation {
  private readonly sessions: SampleSession[] = [];
  private readonly hosts = new Map<string, HostPart>();
  private readonly latest = new Map<string, TrajectoryData>();

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
   * Says whether any was.
   */
  async evaluate(step: number, ioFor: (node: string) => HostIo, all: boolean): Promise<boolean> {
    const { env } = this;
    const due = this.sessions.filter((session) => {
      const { every } = session.sampler.plan;
      const known = this.latest.has(session.sampler.node.id);
      return !known || (session.dependsOn(this.trained) && (all || (every > 0 && step % every === 0)));
    });
    if (due.length === 0) return false;
    for (const session of due) {
      if (env.control.cancelled) return true;
      const { node } = session.sampler;
      env.sink.event({ type: "node", node: node.id, state: "running" });
      const path = await session.run(
        env.now,
        (column, at, values) => this.showTapped(session.sampler, step, column, at, values),
        () => env.control.turn(),
      );
      this.latest.set(node.id, path);
      env.sink.event({ type: "node", node: node.id, state: "done", milliseconds: path.milliseconds });
    }
    for (const { node, trajectories } of this.plan.observers) {
      const host = this.hosts.get(node.id);
      const arriving = Object.fromEntries(
        Object.entries(trajectories).map(([socket, samplers]) => [
          socket,
          samplers.flatMap((id) => this.latest.get(id) ?? []),
        ]),
      );
      host?.observe?.(arriving, ioFor(node.id));
    }
    return true;
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions) await session.dispose();
  }

  private showTapped(sampler: SamplerStage, step: number, column: number, at: number, values: Float32Array): void {
    const tap = this.env.control.taps.find(({ node }) => node === sampler.node.id);
    if (tap === undefined) return;
    const t = sampler.schedule.timestepOf(at);
    const columns = sampler.plan.nodes.length;
    for (const { row, shape, data } of rowsOf([sampler.batch, ...sampler.sampleShape], values)) {
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
