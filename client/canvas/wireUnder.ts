/** The wire under the pointer into which a dragged node fits. */
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { type Insertion, insertionInto } from "../document/insertion";
import type { GestureHost, PointerState } from "./gestureHost";
import type { Curve } from "./wirePath";

export interface WireUnder {
  readonly wire: string;
  readonly curves: readonly Curve[];
  readonly insertion: Insertion;
}

/** How near the pointer must come to a wire, in pixels. */
const REACH = 16;

/** `known` is what was found before: while the pointer stays on that wire nothing is looked up again. */
export function wireUnder(
  { documents, scene, session }: Pick<GestureHost, "documents" | "scene" | "session">,
  { world }: Pick<PointerState, "world">,
  definition: NodeDefinition,
  node: string | null,
  known: WireUnder | null = null,
): WireUnder | null {
  const key = scene.wireNear(world, REACH / session.viewport.zoom, (wire) => {
    const ends = documents.graph().edges.get(wire);
    return ends !== undefined && ends.from.node !== node && ends.to.node !== node;
  });
  if (key !== null && key === known?.wire) return known;
  const wire = key === null ? undefined : scene.wire(key);
  if (key === null || !wire) return null;
  const insertion = insertionInto(documents.graph(), documents.library, key, definition, node);
  return insertion && { wire: key, curves: wire.curves, insertion };
}
