/** What the cards on the canvas show of the run in view. */
import type { NodeLive, NodeRunState } from "../canvas/nodeRunState";
import { IDLE } from "../canvas/nodeRunState";
import { useFrameStore } from "../run/frameStore";
import { useRunStore } from "../run/runStore";

export function useNodeLive(): Pick<NodeLive, "runStateFor" | "thumbnailFor"> {
  const run = useRunStore();
  const frames = useFrameStore();
  let states = new Map<string, NodeRunState>();
  let shown: object | null = null;

  return {
    runStateFor(node) {
      const log = run.log;
      if (!log) return IDLE;
      if (shown !== log) {
        states = new Map();
        shown = log;
      }
      const progress = log.nodes.get(node);
      if (!progress) return IDLE;
      const known = states.get(node);
      const { state: status, milliseconds: ms, message } = progress;
      // The same object as long as nothing changed, so that the card need not be drawn again.
      if (known?.status === status && known.ms === ms && known.message === message) return known;
      const made: NodeRunState = { status, ms, message };
      states.set(node, made);
      return made;
    },
    thumbnailFor(node) {
      void frames.version;
      const frame = frames.index.newest(node);
      if (!frame) return null;
      const bitmap = frames.cached(frame.seq);
      if (!bitmap) void frames.load(frame.seq, run.isActive).then((loaded) => loaded && frames.touch());
      return bitmap ?? null;
    },
  };
}
