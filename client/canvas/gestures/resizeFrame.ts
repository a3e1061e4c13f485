import { say } from "../../language";
import { type Gesture, type GestureHost, type PointerState, snap } from "../gestureHost";

const SMALLEST = { width: 120, height: 80 };

/** Drags the lower right corner of a frame. */
export function resizeFrame(host: GestureHost, start: PointerState, id: string): Gesture {
  const { documents, session } = host;
  const size = documents.graph().frames.get(id)?.size ?? SMALLEST;
  const fit = (value: number) => (session.snapToGrid ? snap(value) : Math.round(value));
  documents.begin(say.document.edits.resizeFrame);
  return {
    cursor: "nwse-resize",
    isUnderWay: () => true,
    move({ world }) {
      const width = Math.max(SMALLEST.width, fit(size.width + world.x - start.world.x));
      const height = Math.max(SMALLEST.height, fit(size.height + world.y - start.world.y));
      documents.edit(say.document.edits.resizeFrame, (t) => t.updateFrame(id, { size: { width, height } }));
    },
    up: () => documents.commit(),
    cancel: () => documents.cancel(),
  };
}
