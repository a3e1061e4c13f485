/** Sockets of a node type, and the values that arrive and leave there. */
import type { WireType, WireValues } from "./wires";

export type Cardinality = "one" | "optional" | "many";

/** One socket of a node type. Build with `wire.state`, `wire.loss.many()`, `wire.state.delayed()`, ... */
export class Socket<W extends WireType = WireType, C extends Cardinality = Cardinality, D extends boolean = boolean> {
  constructor(
    readonly type: W,
    readonly cardinality: C,
    /** A delayed input is read at the end of a step and acts on the next one: it may close a cycle. */
    readonly isDelayed: D,
    readonly help = "",
    /** Weights that no trainer of the graph may train: a teacher, an encoder that is looked through. */
    readonly isFrozen = false,
  ) {}
  optional(): Socket<W, "optional", D> {
    return new Socket(this.type, "optional", this.isDelayed, this.help, this.isFrozen);
  }
  many(): Socket<W, "many", D> {
    return new Socket(this.type, "many", this.isDelayed, this.help, this.isFrozen);
  }
  delayed(): Socket<W, C, true> {
    return new Socket(this.type, this.cardinality, true, this.help, this.isFrozen);
  }
  frozen(): Socket<W, C, D> {
    return new Socket(this.type, this.cardinality, this.isDelayed, this.help, true);
  }
  describe(help: string): Socket<W, C, D> {
    return new Socket(this.type, this.cardinality, this.isDelayed, help, this.isFrozen);
  }
}

const socket = <W extends WireType>(type: W) => new Socket<W, "one", false>(type, "one", false);

export const wire = {
  state: socket("state"),
  image: socket("image"),
  time: socket("time"),
  schedule: socket("schedule"),
  condition: socket("condition"),
  weights: socket("weights"),
  features: socket("features"),
  loss: socket("loss"),
  trajectory: socket("trajectory"),
  dataset: socket("dataset"),
  metric: socket("metric"),
  scalar: socket("scalar"),
  stage: socket("stage"),
  codec: socket("codec"),
};

export type Sockets = Readonly<Record<string, Socket>>;

type Carried<W extends WireType, C extends Cardinality> = C extends "many"
  ? readonly WireValues[W][]
  : C extends "optional"
    ? WireValues[W] | undefined
    : WireValues[W];

/** Values of the sockets that are (not) delayed; with D = boolean, of all. */
export type InputValues<S extends Sockets, D extends boolean> = {
  [K in keyof S as S[K] extends Socket<WireType, Cardinality, D> ? K : never]: S[K] extends Socket<
    infer W,
    infer C,
    boolean
  >
    ? Carried<W, C>
    : never;
};
/** An optional output may be missing for some settings; whoever wires it then is told so. */
export type OutputValues<S extends Sockets> = {
  [K in keyof S]: S[K] extends Socket<infer W, infer C, boolean>
    ? C extends "optional"
      ? WireValues[W] | undefined
      : WireValues[W]
    : never;
};
