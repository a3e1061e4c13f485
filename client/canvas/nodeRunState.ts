/** What the canvas shows of a run. The run side provides it; the canvas knows nothing else of runs. */
import type { Issue } from "@distillery/shared/graph/document";
import type { InjectionKey } from "vue";

export interface NodeRunState {
  status: "idle" | "running" | "done" | "error";
  /** Time spent so far, milliseconds. */
  ms?: number;
  /** Last error, or what the node is doing. */
  message?: string;
  /** Share of a training step that it takes, 0..1, while the canvas is coloured by that. */
  heat?: number;
}

export const IDLE: NodeRunState = { status: "idle" };

/** Reactive look-ups, called while rendering a node. */
export interface NodeLive {
  runStateFor(node: string): NodeRunState;
  /** Newest picture of a node, or null when it shows none. */
  thumbnailFor(node: string): ImageBitmap | null;
  /** Validation findings of a node (those of its sockets included). */
  issuesFor(node: string): readonly Issue[];
}

export const NODE_LIVE: InjectionKey<NodeLive> = Symbol("node live");

export const NOTHING_LIVE: NodeLive = {
  runStateFor: () => IDLE,
  thumbnailFor: () => null,
  issuesFor: () => [],
};
