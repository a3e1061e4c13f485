/** Runs a sampler: its start once, then its step graph along the solver nodes of every planned path. */
import { GUIDANCE_SCALE, PATH_INDEX, PATH_STEPS } from "../compile/samplerStage";
import type { SamplerStage } from "../compile/stages";
import type { HostTensor, Pictures, SamplerPath, TrajectoryData } from "../graph/node";
import { sizeOf } from "../onnx/graph";
import type { Runtime } from "./runtime";
import { StageSession } from "./stageSession";
import type { VariableStore } from "./variables";

/** Called with each state of the first path as soon as it exists; `column` counts from 0 at the start. */
export type StateListener = (column: number, node: number, values: Float32Array) => void | Promise<void>;

export class SampleSession {
  private startState: Record<string, HostTensor> | undefined;
  private isWarm = false;

  private constructor(
    readonly sampler: SamplerStage,
    private readonly start: StageSession,
    private readonly step: StageSession,
    private readonly decoder: StageSession | null,
  ) {}

  static async create(sampler: SamplerStage, runtime: Runtime, variables: VariableStore): Promise<SampleSession> {
    const start = await StageSession.create(sampler.start, runtime, variables);
    const step = await StageSession.create(sampler.step, runtime, variables);
    const decoder = sampler.decoder && (await StageSession.create(sampler.decoder, runtime, variables));
    return new SampleSession(sampler, start, step, decoder);
  }

  /** What there is to see of a state: itself, or its picture where it is a latent. */
  async pictureOf(state: Float32Array): Promise<{ shape: readonly number[]; values: Float32Array }> {
    const { batch, sampleShape, decoder } = this.sampler;
    const shape = [batch, ...sampleShape];
    if (decoder === null || this.decoder === null) return { shape, values: state };
    const { values } = await this.decoder.run(0, { x: { dtype: "float32", shape, data: state } }, [decoder.pictures]);
    return { shape: decoder.shape, values: float32(values[decoder.pictures]) };
  }

  /** Whether the paths can change while `trained` variables (by name) are updated. */
  dependsOn(trained: ReadonlySet<string>): boolean {
    const stages = [this.sampler.start, this.sampler.step];
    return stages.some(({ builder }) => [...builder.variables.keys()].some((name) => trained.has(name)));
  }

  /** Walks every path of the sampler, from the same start. */
  async run(now: () => number, onState: StateListener, turn: () => Promise<void>): Promise<TrajectoryData[]> {
    const paths: TrajectoryData[] = [];
    for (const [index, path] of this.sampler.plan.paths.entries()) {
      const listener: StateListener = index === 0 ? onState : () => undefined;
      paths.push(await this.walk(path, now, listener, turn));
    }
    return paths;
  }

  private async walk(
    path: SamplerPath,
    now: () => number,
    onState: StateListener,
    turn: () => Promise<void>,
  ): Promise<TrajectoryData> {
    const { sampler } = this;
    const { batch, sampleShape } = sampler;
    const { nodes, timesteps, nfe, guidanceScale, label } = path;
    const initial = await this.initial();
    const shape = [batch, ...sampleShape];
    const given: Record<string, HostTensor> = {};
    for (const [input, output] of Object.entries(sampler.start.given)) {
      const value = initial[output];
      if (value !== undefined) given[input] = value;
    }
    given[PATH_STEPS] = scalar(nodes.length - 1);
    if (guidanceScale !== undefined) given[GUIDANCE_SCALE] = scalar(guidanceScale);
    let x = float32(initial[sampler.start.x]);
    let carry = this.nothingCarried();
    const stepTo = (i: number) =>
      this.step.run(
        i - 1,
        {
          ...given,
          ...carry,
          [PATH_INDEX]: scalar(i - 1),
          x: { dtype: "float32", shape, data: x },
          t: nodeTensor(nodes[i - 1], batch),
          s: nodeTensor(nodes[i], batch),
        },
        [sampler.step.x, ...Object.values(sampler.step.carry)],
      );
    if (!this.isWarm) {
      // A session's first run also lays out its memory; that is no part of what a path takes.
      await stepTo(1);
      this.isWarm = true;
    }
    const states = [x];
    await onState(0, nodes[0] ?? 0, x);
    let milliseconds = 0;
    for (let i = 1; i < nodes.length; i++) {
      await turn();
      const begin = now();
      const { values } = await stepTo(i);
      milliseconds += now() - begin;
      x = float32(values[sampler.step.x]);
      carry = Object.fromEntries(
        Object.entries(sampler.step.carry).flatMap(([name, output]) => {
          const value = values[output];
          return value === undefined ? [] : [[`carry.${name}`, value]];
        }),
      );
      states.push(x);
      await onState(i, nodes[i] ?? 0, x);
    }
    return {
      sampler: sampler.node.id,
      title: sampler.node.title,
      nodes,
      timesteps,
      shape,
      states,
      nfe,
      guidanceScale: guidanceScale ?? null,
      milliseconds,
      ...(label === undefined ? {} : { label }),
      ...(sampler.decoder && { pictures: this.picturesOf(states, sampler.decoder.shape) }),
    };
  }

  private picturesOf(states: readonly Float32Array[], shape: readonly number[]): Pictures {
    const made = new Map<number, Promise<Float32Array>>();
    const make = async (column: number) => (await this.pictureOf(states[column] ?? new Float32Array())).values;
    return {
      shape,
      at: (column) => {
        const picture = made.get(column) ?? make(column);
        made.set(column, picture);
        return picture;
      },
    };
  }

  private nothingCarried(): Record<string, HostTensor> {
    const { batch, plan } = this.sampler;
    return Object.fromEntries(
      Object.entries(plan.carry).map(([name, size]): [string, HostTensor] => {
        const shape = [batch, ...size];
        return [`carry.${name}`, { dtype: "float32", shape, data: new Float32Array(sizeOf(shape)) }];
      }),
    );
  }

  async dispose(): Promise<void> {
    await this.start.dispose();
    await this.step.dispose();
    await this.decoder?.dispose();
  }

  /** The start is a fixed evaluation state: the same at every visit. */
  private async initial(): Promise<Record<string, HostTensor>> {
    const { start } = this.sampler;
    this.startState ??= (await this.start.run(0, {}, [start.x, start.t, ...Object.values(start.given)])).values;
    return this.startState;
  }
}

const scalar = (value: number): HostTensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });

const nodeTensor = (node: number | undefined, batch: number): HostTensor => ({
  dtype: "int64",
  shape: [batch],
  data: new BigInt64Array(batch).fill(BigInt(node ?? 0)),
});

function float32(tensor: HostTensor | undefined): Float32Array {
  if (tensor === undefined || !(tensor.data instanceof Float32Array))
    throw new Error("A sampler's state must be float32.");
  return tensor.data;
}
