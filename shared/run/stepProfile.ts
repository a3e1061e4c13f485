/** Measures some steps of a training stage: they run on a second session of the same graph, which notes its operations' times. */
import type { TrainStage } from "../compile/stages";
import { encodeModel } from "../onnx/codec";
import { sizeOf } from "../onnx/graph";
import { attribute, operationTimes } from "../profile/attribute";
import { PROFILE, type Profile, WARM_UP_STEPS } from "../profile/profile";
import type { RunEnvironment } from "./job";
import { isDeviceTensor, type RuntimeTensor, type Session } from "./runtime";

const FLOAT_BYTES = 4;

export class StepProfile {
  private begun = 0;
  private wall = 0;
  private fed = 0;
  private fetched = 0;

  private constructor(
    private readonly stage: TrainStage,
    private readonly inner: Session & Required<Pick<Session, "endProfile">>,
    private readonly steps: number,
    private readonly env: RunEnvironment,
  ) {}

  /** @throws Error when the runtime cannot measure. */
  static async begin(stage: TrainStage, keepOnDevice: readonly string[], steps: number, env: RunEnvironment) {
    const session = await env.runtime.createSession(encodeModel(stage.builder.graph), { keepOnDevice, profile: true });
    const { endProfile } = session;
    if (endProfile === undefined) {
      await session.dispose();
      throw new Error("This runtime does not measure its operations.");
    }
    return new StepProfile(stage, { ...session, endProfile }, steps, env);
  }

  /** What the stage runs on meanwhile: the same graph, the same numbers. */
  readonly session: Pick<Session, "run"> = {
    run: async (feeds, fetches) => {
      const results = await this.inner.run(feeds, fetches);
      if (this.isMeasuring) {
        this.fed += bytesOf(Object.values(feeds));
        this.fetched += bytesOf(Object.values(results));
      }
      return results;
    },
  };

  private get isMeasuring(): boolean {
    return this.begun >= WARM_UP_STEPS;
  }
  get isDone(): boolean {
    return this.begun >= WARM_UP_STEPS + this.steps;
  }

  /** Runs one step of the stage. */
  async step<T>(body: () => Promise<T>): Promise<T> {
    const begin = this.env.now();
    const result = await body();
    if (this.isMeasuring) this.wall += this.env.now() - begin;
    this.begun++;
    return result;
  }

  /** Tells what was measured, after `step` steps of the run, and gives the second session up. */
  async end(step: number): Promise<void> {
    const { builder, turns, trainers, nodes } = this.stage;
    const lines = await this.inner.endProfile();
    await this.inner.dispose();
    const steps = this.begun - WARM_UP_STEPS;
    const node = trainers[0]?.id ?? nodes[0]?.id ?? "";
    if (steps < 1) {
      this.env.sink.event({
        type: "log",
        level: "warning",
        message: "The run ended before a step was measured.",
        node,
      });
      return;
    }
    const { operations, session, peak } = operationTimes(lines, WARM_UP_STEPS * turns.length);
    const ids = new Set(nodes.map(({ id }) => id));
    const found = attribute(operations, (id) => ids.has(id), exposed(this.stage));
    const perStep = (microseconds: number) => microseconds / 1000 / steps;
    const variables = [...builder.variables.values()];
    const bytes = (shapes: readonly (readonly number[])[]) =>
      shapes.reduce((sum, shape) => sum + sizeOf(shape) * FLOAT_BYTES, 0);
    const profile: Profile = {
      steps,
      wall: this.wall / steps,
      session: perStep(session),
      operations: perStep([...operations.values()].reduce((sum, time) => sum + time, 0)),
      unattributed: perStep(found.unattributed),
      nodes: found.nodes.map((time) => ({
        ...time,
        forward: perStep(time.forward),
        backward: perStep(time.backward),
      })),
      memory: {
        process: this.env.memory?.() ?? null,
        trained: bytes(variables.filter(({ spec }) => spec.role === "parameter").map(({ spec }) => spec.shape)),
        frozen: bytes([...builder.frozen].map((name) => builder.graph.value(name).shape)),
        carried: bytes(variables.filter(({ spec }) => spec.role !== "parameter").map(({ spec }) => spec.shape)),
        peak,
      },
      traffic: { fed: this.fed / steps, fetched: this.fetched / steps, sent: this.env.sink.sentBytes?.() ?? null },
    };
    this.env.sink.event({ type: "data", step, node, name: PROFILE, value: profile });
  }
}

const bytesOf = (tensors: readonly RuntimeTensor[]): number =>
  tensors.reduce((sum, tensor) => sum + (isDeviceTensor(tensor) ? 0 : tensor.data.byteLength), 0);

/** Copies that make inputs fetchable stand outside every node; they belong to whoever owns the input. */
function exposed({ builder: { graph } }: TrainStage): Map<string, string> {
  return new Map(
    graph.nodes.flatMap(({ op, name, inputs }) => (op === "Identity" && inputs[0] ? [[name, inputs[0]] as const] : [])),
  );
}
