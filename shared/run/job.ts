/** The border between whoever runs a graph (worker process, command line, browser) and the executor. */
import type { GraphDocument } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import type { Resources } from "../graph/wires";
import type { ModelImports } from "../onnx/modelImports";
import type { EventBody, FrameInfo } from "../protocol/events";
import type { Runtime } from "./runtime";

export interface RunJob {
  readonly runId: string;
  /** Already validated and migrated, overrides applied. */
  readonly document: GraphDocument;
  /** Overrides the trainer's own step count. */
  readonly steps?: number;
  /** Checkpoint to continue from; absent for a fresh start. */
  readonly checkpoint?: Uint8Array;
}

/** A tapped wire: the output socket it leaves, sent every that many steps. */
export interface Tap {
  readonly node: string;
  readonly socket: string;
  readonly every: number;
}

/** What the executor reads between two steps. */
export interface RunControl {
  readonly taps: readonly Tap[];
  readonly cancelled: boolean;
  /** How many steps somebody asked to have measured since this was last called; 0 for none. */
  takeProfile?(): number;
  /**
   * Resolves at once while running; waits while paused, after `beforeWaiting` has said what is still to be said.
   * Also lets the process handle its messages.
   */
  turn(beforeWaiting?: () => void): Promise<void>;
}

/** Where everything a run makes goes. Calls are in order; nothing here may block for long. */
export interface RunSink {
  event(body: EventBody): void;
  /** A picture to be encoded: `values` is row-major, [C, H, W] in [-1, 1] or [N, 2] points. */
  frame(info: Omit<FrameInfo, "stats" | "format">, values: Float32Array): void;
  /** Awaited after an evaluation, before training takes the thread again: resolves when its frames are out, or soon. */
  settle?(): Promise<void>;
  checkpoint(step: number, bytes: Uint8Array): void;
  artifact(name: string, mime: string, bytes: Uint8Array): void;
  /** Bytes of pictures sent so far. */
  sentBytes?(): number;
}

export interface RunSummary {
  readonly status: "done" | "cancelled" | "failed";
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** SHA-256 (hex) over the trained parameters: names in order, then their bytes. */
  readonly weightsSha256: string;
  readonly error?: { readonly message: string; readonly node?: string };
}

export interface RunEnvironment {
  readonly library: NodeLibrary;
  readonly resources: Resources;
  /** Imports the ONNX files a graph refers to; without it such graphs are refused. */
  readonly imports?: ModelImports;
  readonly runtime: Runtime;
  readonly sink: RunSink;
  readonly control: RunControl;
  /** Wall clock in milliseconds. */
  now(): number;
  /** Bytes of memory that the process holds. */
  memory?(): number;
}
