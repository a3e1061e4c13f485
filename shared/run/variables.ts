/** The values that live across the steps of a stage - parameters, moments, averages - wherever the runtime keeps them. */

import type { ResolvedGraph } from "../compile/resolve";
import type { Variable } from "../compile/stageBuilder";
import { carriesOver } from "../compile/stageFindings";
import type { PlannedStage } from "../compile/stages";
import { sha256Hex } from "../graph/hash";
import type { HostTensor, HostTensors, RandomStream } from "../graph/node";
import type { Initialiser, Resources } from "../graph/wires";
import { sizeOf } from "../onnx/graph";
import { randomStream } from "../random/philox";
import { isDeviceTensor, type Runtime, type RuntimeTensor } from "./runtime";

/** What nodes trained in the stage before that is worked into their bases, and with which parameters. */
export type Changes = ReadonlyMap<
  string,
  { readonly params: Readonly<Record<string, unknown>>; readonly tensors: ReadonlyMap<string, Float32Array> }
>;

export class VariableStore {
  private readonly values = new Map<string, RuntimeTensor>();
  private readonly declared = new Map<string, Pick<Variable, "owner"> & Pick<Variable["spec"], "role">>();
  /** Values of a checkpoint for variables that are still to be declared. */
  private readonly restored = new Map<string, HostTensor>();
  private changes: Changes = new Map();

  constructor(
    private readonly runtime: Runtime,
    private readonly seed: number,
    private readonly stageIndex = 0,
  ) {}

  /**
   * Gives every variable that has none yet its first value: the checkpoint's, or its initial one, each from its own random
   * stream, copies last.
   */
  async declare(variables: Iterable<readonly [string, Variable]>, resources: Resources): Promise<void> {
    const fresh = [...variables].filter(([name]) => !this.values.has(name));
    const isCopy = ([, { spec }]: readonly [string, Variable]) => copies(spec.init);
    for (const [name, { spec, owner }] of [...fresh.filter((entry) => !isCopy(entry)), ...fresh.filter(isCopy)]) {
      this.declared.set(name, { owner, role: spec.role });
      const restored = this.restored.get(name);
      const before = restored && fitting(name, restored, spec.shape);
      if (before !== undefined && spec.init.kind !== "merged") {
        this.values.set(name, before);
        continue;
      }
      const data =
        spec.init.kind === "merged"
          ? await this.mergedValues(name, owner, { ...spec, init: spec.init }, before, resources)
          : await this.initialValues(name, spec, resources);
      if (data.length !== sizeOf(spec.shape)) {
        throw new Error(`Variable "${name}" needs ${sizeOf(spec.shape)} values, its data has ${data.length}.`);
      }
      this.values.set(name, { dtype: "float32", shape: spec.shape, data });
    }
  }

  private async initialValues(
    name: string,
    { init, shape }: Pick<Variable["spec"], "init" | "shape">,
    resources: Resources,
  ): Promise<Float32Array> {
    if (init.kind === "data") return (await init.load(resources)).slice();
    if (init.kind === "copy") {
      const { data } = await this.runtime.download(this.get(`${init.owner}/${init.path}`));
      if (!(data instanceof Float32Array)) throw new Error(`Variable "${init.owner}/${init.path}" is not float32.`);
      return data.slice();
    }
    if (init.kind === "merged") return this.initialValues(name, { init: init.base, shape }, resources);
    return drawn(init, sizeOf(shape), randomStream(this.seed, `init:${name}`, this.stageIndex));
  }

  /** What the base has become so far, with the changes of the stage before where they are worked in now. */
  private async mergedValues(
    name: string,
    owner: string,
    { init, shape }: { init: Extract<Initialiser, { kind: "merged" }>; shape: readonly number[] },
    before: HostTensor | undefined,
    resources: Resources,
  ): Promise<Float32Array> {
    const base =
      before?.data instanceof Float32Array
        ? before.data.slice()
        : await this.initialValues(name, { init: init.base, shape }, resources);
    const { params, tensors } = this.changes.get(owner) ?? {};
    const changes = init.paths.flatMap((path) => tensors?.get(path) ?? []);
    if (params !== undefined && changes.length === init.paths.length) init.work(base, changes, params);
    return base;
  }

  /** The trained values of these nodes, to be worked into their bases by the stage after; `graph` is this stage's. */
  async changesOf(nodes: readonly string[], graph: ResolvedGraph): Promise<Changes> {
    const changes = new Map<string, { params: Record<string, unknown>; tensors: Map<string, Float32Array> }>();
    for (const [name, { owner, role }] of this.declared) {
      if (!nodes.includes(owner) || role !== "parameter") continue;
      const found = changes.get(owner) ?? { params: { ...graph.nodes.get(owner)?.params }, tensors: new Map() };
      changes.set(owner, found);
      const { data } = await this.runtime.download(this.get(name));
      if (data instanceof Float32Array) found.tensors.set(name.slice(owner.length + 1), data.slice());
    }
    return changes;
  }

  /** Has these changes worked into bases once they are declared. */
  merge(changes: Changes): void {
    this.changes = changes;
  }

  get(name: string): RuntimeTensor {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(`Variable "${name}" has no value.`);
    return value;
  }

  /** Replaces a value; a device buffer that is no longer needed is freed. */
  set(name: string, value: RuntimeTensor): void {
    const old = this.values.get(name);
    this.values.set(name, value);
    if (old !== undefined && isDeviceTensor(old) && old !== value) old.dispose();
  }

  async download(): Promise<HostTensors> {
    const tensors: HostTensors = {};
    for (const [name, value] of this.values) tensors[name] = await this.runtime.download(value);
    return tensors;
  }

  /** What the next stage of training begins with: trained parameters but for `fresh` nodes', and all values of `keep` nodes. */
  async carried(next: Pick<PlannedStage, "fresh" | "merge" | "keep">): Promise<HostTensors> {
    const tensors: HostTensors = {};
    for (const [name, declared] of this.declared) {
      if (carriesOver(declared, next)) tensors[name] = await this.runtime.download(this.get(name));
    }
    return tensors;
  }

  /** Takes values from a checkpoint, now or once they are declared; shapes must fit what the graph declares. */
  load(tensors: HostTensors): void {
    for (const [name, tensor] of Object.entries(tensors)) {
      const declared = this.values.get(name);
      if (declared === undefined) this.restored.set(name, tensor);
      else this.set(name, fitting(name, tensor, declared.shape));
    }
  }

  /** SHA-256 over the trained parameters: names in order, each followed by its bytes. */
  async sha256(): Promise<string> {
    const tensors = await this.download();
    const names = Object.keys(tensors)
      .filter((name) => this.declared.get(name)?.role === "parameter")
      .sort();
    const parts = names.flatMap((name) => {
      const { data } = tensors[name] as HostTensor;
      return [new TextEncoder().encode(`${name}\n`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
    });
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return sha256Hex(bytes);
  }
}

const copies = (init: Initialiser): boolean => init.kind === "copy" || (init.kind === "merged" && copies(init.base));

function fitting(name: string, tensor: HostTensor, shape: readonly number[]): HostTensor {
  if (shape.join() === tensor.shape.join()) return tensor;
  throw new Error(
    `The checkpoint's "${name}" has shape [${tensor.shape.join(", ")}], the graph wants [${shape.join(", ")}].`,
  );
}

function drawn(
  init: Exclude<Initialiser, { kind: "data" | "copy" | "merged" }>,
  size: number,
  random: RandomStream,
): Float32Array {
  const values = new Float32Array(size);
  switch (init.kind) {
    case "zeros":
      return values;
    case "ones":
      return values.fill(1);
    case "normal":
      for (let i = 0; i < size; i++) values[i] = (init.mean ?? 0) + init.std * random.normal();
      return values;
    case "uniform":
      for (let i = 0; i < size; i++) values[i] = init.bound * (2 * random.uniform() - 1);
      return values;
  }
}
