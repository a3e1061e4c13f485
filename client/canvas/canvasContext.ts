import type { SocketHit } from "./scene";

/** While a wire is drawn: the socket it comes from and the sockets that would take it. */
export interface WireTargets {
  readonly anchor: SocketHit;
  /** `socketKey`s. */
  readonly accepted: ReadonlySet<string>;
}
