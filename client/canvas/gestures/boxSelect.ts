import type { Gesture, GestureHost, PointerState } from "../gestureHost";
import { contains } from "../spatialIndex";

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((id) => b.has(id));

/** Selects what a box touches (nodes) or encloses (frames), added to what was selected. */
export function boxSelect(host: GestureHost, start: PointerState): Gesture {
  const { session, scene, documents } = host;
  const nodes = session.selectedNodes;
  const frames = session.selectedFrames;
  return {
    cursor: "crosshair",
    move({ world }) {
      const box = {
        x: Math.min(start.world.x, world.x),
        y: Math.min(start.world.y, world.y),
        width: Math.abs(world.x - start.world.x),
        height: Math.abs(world.y - start.world.y),
      };
      const enclosed = [...documents.graph().frames.values()].filter(
        ({ position: p, size }) => contains(box, p.x, p.y) && contains(box, p.x + size.width, p.y + size.height),
      );
      const inside = new Set([...nodes, ...scene.nodes.query(box)]);
      const around = new Set([...frames, ...enclosed.map((frame) => frame.id)]);
      if (!isSame(inside, session.selectedNodes) || !isSame(around, session.selectedFrames))
        session.select(inside, around);
      host.setOverlay({ marquee: box });
    },
    up() {
      host.setOverlay({ marquee: null });
    },
    cancel() {
      session.select(nodes, frames);
      host.setOverlay({ marquee: null });
    },
  };
}
