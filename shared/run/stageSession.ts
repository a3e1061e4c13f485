/** A built stage with its session: makes the feeds of a step, runs it, and hands results to variables and host parts. */
import { type RandomInput, STEP_INPUT } from "../compile/stageBuilder";
import type { Stage } from "../compile/stages";
import type { HostIo, HostPart, HostTensor, HostTensors, Turn } from "../graph/node";
import type { WireType, WireValues } from "../graph/wires";
import { encodeModel } from "../onnx/codec";
import { sizeOf } from "../onnx/graph";
import { randomStream } from "../random/philox";
import { isDeviceTensor, type Runtime, type RuntimeTensor, type Session } from "./runtime";
import type { VariableStore } from "./variables";

/** Training draws from streams named after the node; evaluation never meets the same numbers. */
const streamPrefix = (stage: Stage): string => (stage.builder.options.kind === "train" ? "" : "evaluation:");

export interface StepResult {
  /** Values of all fetched outputs that are not variables, by output name. */
  readonly values: Readonly<Record<string, HostTensor>>;
  readonly feeds: Readonly<Record<string, RuntimeTensor>>;
}

export class StageSession {
  /** Runs in place of the stage's own session while set: another one of the same graph. */
  measured: Pick<Session, "run"> | null = null;

  private constructor(
    readonly stage: Stage,
    private readonly runtime: Runtime,
    private readonly session: Session,
    private readonly variables: VariableStore,
    readonly hosts: ReadonlyMap<string, HostPart>,
    private readonly firstStep: number,
  ) {}

  /** `firstStep`: steps of the run before this stage of training, which counts its own from there. */
  static async create(stage: Stage, runtime: Runtime, variables: VariableStore, firstStep = 0): Promise<StageSession> {
    const { builder } = stage;
    await builder.load();
    await variables.declare(builder.variables, builder.options.resources);
    const session = await runtime.createSession(encodeModel(builder.graph), { keepOnDevice: updatedOutputs(stage) });
    return new StageSession(stage, runtime, session, variables, await makeHosts(stage), firstStep);
  }

  /**
   * Runs the stage once. `given` are inputs nobody else makes (sampler loop); `extra` outputs are fetched, too. Where a step
   * takes turns, `turn` says whose it is, and `draw` is the number of this batch since the start.
   */
  async run(
    step: number,
    given: Readonly<Record<string, RuntimeTensor>> = {},
    extra: readonly string[] = [],
    { turn, draw: number }: { readonly turn: Turn; readonly draw: number } = { turn: "every", draw: step },
  ): Promise<StepResult> {
    const { builder } = this.stage;
    const { seed } = builder.options;
    const feeds: Record<string, RuntimeTensor> = { ...given };
    const prefix = streamPrefix(this.stage);
    for (const random of builder.randoms) feeds[random.input] = draw(random, seed, prefix, number);
    const made = new Map<string, HostTensors>();
    for (const [node, host] of this.hosts) {
      const values = host.before?.(number, (stream) => randomStream(seed, `${prefix}${node}.${stream}`, number));
      if (values !== undefined) made.set(node, values);
    }
    for (const { input, node, name } of builder.hostInputs) {
      const value = made.get(node)?.[name];
      if (value === undefined) throw new Error(`Node "${node}" made no value "${name}" for this step.`);
      feeds[input] = value;
    }
    if (builder.graph.values.has(STEP_INPUT)) {
      feeds[STEP_INPUT] = { dtype: "float32", shape: [], data: Float32Array.of(step - this.firstStep) };
    }
    for (const name of builder.variables.keys()) feeds[name] = this.variables.get(name);

    const fetches = new Set(extra);
    for (const { output } of builder.series) fetches.add(output);
    for (const { output, every } of builder.hostOutputs) if (step % every === 0) fetches.add(output);
    for (const { next, turn: own } of builder.variables.values()) {
      if (next !== undefined && (own === "every" || own === turn)) fetches.add(next.name);
    }
    const results = await (this.measured ?? this.session).run(feeds, [...fetches]);
    return { values: await this.collect(results), feeds };
  }

  /** Makes the fetched values of the variables the current ones. Separate from `run`, so a bad step can be thrown away. */
  commit(): void {
    for (const [name, value] of this.pending) this.variables.set(name, value);
    this.pending.clear();
  }

  discard(): void {
    for (const value of this.pending.values()) if (isDeviceTensor(value)) value.dispose();
    this.pending.clear();
  }

  /** Gives host parts the outputs they asked for. */
  deliver(step: number, values: StepResult["values"], ioFor: (node: string) => HostIo): void {
    const byNode = new Map<string, HostTensors>();
    for (const { output, node, name } of this.stage.builder.hostOutputs) {
      const value = values[output];
      if (value === undefined) continue;
      const entry = byNode.get(node) ?? {};
      entry[name] = value;
      byNode.set(node, entry);
    }
    for (const [node, host] of this.hosts) host.after?.(step, byNode.get(node) ?? {}, ioFor(node));
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private readonly pending = new Map<string, RuntimeTensor>();

  private async collect(results: Record<string, RuntimeTensor>): Promise<Record<string, HostTensor>> {
    const values: Record<string, HostTensor> = {};
    for (const [name, { next }] of this.stage.builder.variables) {
      const value = next && results[next.name];
      if (value !== undefined) this.pending.set(name, value);
    }
    const kept = new Set(this.pending.values());
    for (const [name, value] of Object.entries(results)) {
      if (!isDeviceTensor(value)) values[name] = value;
      else if (!kept.has(value)) values[name] = await this.runtime.download(value);
    }
    return values;
  }
}

/** Outputs that are fed back in the next step. */
export const updatedOutputs = ({ builder }: Stage): string[] =>
  [...builder.variables.values()].flatMap(({ next }) => (next === undefined ? [] : [next.name]));

async function makeHosts(stage: Stage): Promise<Map<string, HostPart>> {
  const { seed, batch, resources } = stage.builder.options;
  const hosts = new Map<string, HostPart>();
  for (const node of stage.nodes) {
    const { definition, params } = node;
    if (definition.host === undefined) continue;
    const inputs: Record<string, WireValues[WireType][]> = {};
    for (const [socket, edges] of node.inputs) {
      inputs[socket] = edges.flatMap((edge) => stage.values.get(edge.from.node)?.[edge.from.socket] ?? []);
    }
    const feeds = Object.fromEntries(
      stage.builder.hostInputs
        .filter((input) => input.node === node.id)
        .map(({ name, input }) => [name, stage.builder.graph.value(input)]),
    );
    hosts.set(node.id, await definition.host(params, { seed, batch, resources, inputs, feeds }));
  }
  return hosts;
}

function draw({ stream, distribution, shape }: RandomInput, seed: number, prefix: string, step: number): HostTensor {
  const random = randomStream(seed, prefix + stream, step);
  const size = sizeOf(shape);
  if (distribution.kind === "integer") {
    const { low, high } = distribution;
    const data = BigInt64Array.from({ length: size }, () => BigInt(low + random.integer(high - low + 1)));
    return { dtype: "int64", shape, data };
  }
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    data[i] =
      distribution.kind === "normal"
        ? random.normal()
        : distribution.low + (distribution.high - distribution.low) * random.uniform();
  }
  return { dtype: "float32", shape, data };
}
