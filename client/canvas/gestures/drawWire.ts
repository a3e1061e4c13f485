import { type Endpoint, edgeKey, type GraphEdge } from "@distillery/shared/graph/document";
import { NEW_PORT } from "@distillery/shared/graph/subgraphDefinition";
import { explainConnection } from "../../document/connection";
import { say } from "../../language";
import { dragThreshold, type Gesture, type GestureHost, type PointerState, socketKey } from "../gestureHost";
import type { SocketHit } from "../scene";

const { edits } = say.document;

/** How near the pointer must come to a socket, in pixels. */
const MAGNET = 28;

const endpoint = ({ node, socket }: SocketHit): Endpoint => ({ node, socket });

/** The link between two sockets, whichever end the drag began at. */
export function edgeBetween(anchor: SocketHit, other: SocketHit): GraphEdge {
  return anchor.place.side === "output"
    ? { from: endpoint(anchor), to: endpoint(other) }
    : { from: endpoint(other), to: endpoint(anchor) };
}

/** The link that a single input holds: dragging from that input picks the link up. */
function heldLink(host: GestureHost, { node, socket, place }: SocketHit): GraphEdge | null {
  if (place.side === "output" || place.many) return null;
  const graph = host.documents.graph();
  for (const key of graph.edgesOf(node)) {
    const edge = graph.edges.get(key);
    if (edge?.to.node === node && edge.to.socket === socket) return edge;
  }
  return null;
}

/** Draws a wire from a socket: fitting sockets light up, others say why not, empty canvas offers fitting nodes. */
export function drawWire(host: GestureHost, start: PointerState, grabbed: SocketHit): Gesture {
  const { documents, scene, session } = host;
  const held = heldLink(host, grabbed);
  const output = held && [...scene.socketsOf(held.from.node)].find((hit) => isOutput(hit, held.from));
  const anchor = output ?? grabbed;
  const wanted = anchor.place.side === "output" ? "input" : "output";
  const isHeld = (edge: GraphEdge) => held !== null && edgeKey(edge) === edgeKey(held);

  const refusalOf = (hit: SocketHit): string | null => {
    const edge = edgeBetween(anchor, hit);
    return isHeld(edge) ? null : explainConnection(documents.graph(), documents.library, edge.from, edge.to);
  };
  /** A border's free place takes every kind. */
  const isKin = ({ socket, place }: SocketHit) =>
    place.type === anchor.place.type || socket === NEW_PORT || anchor.socket === NEW_PORT;
  let cards: Iterable<string> = [];
  let accepted: ReadonlySet<string> = new Set();
  /** Most sockets are of another kind: no need to ask why. Anew when other cards came into view. */
  function light(): void {
    if (cards === host.mountedNodes()) return;
    cards = host.mountedNodes();
    const fitting = new Set<string>();
    for (const id of cards)
      for (const hit of scene.socketsOf(id))
        if (hit.place.side === wanted && isKin(hit) && refusalOf(hit) === null)
          fitting.add(socketKey(id, wanted, hit.socket));
    accepted = fitting;
  }

  /** Sockets near the pointer win; on a card's body its first fitting socket does. */
  function aim(pointer: PointerState): { target: SocketHit | null; refusal: string | null; refused: SocketHit | null } {
    const near = scene.socketNear(
      pointer.world,
      MAGNET / session.viewport.zoom,
      (hit) => hit.place.side === wanted && !(hit.node === anchor.node && hit.socket === anchor.socket),
    );
    if (near) {
      const refusal = refusalOf(near);
      return { target: refusal === null ? near : null, refusal, refused: refusal === null ? null : near };
    }
    const node = scene.nodeAt(pointer.world);
    if (node === null || node === anchor.node) return { target: null, refusal: null, refused: null };
    const sockets = [...scene.socketsOf(node)].filter((hit) => hit.place.side === wanted);
    const target = sockets.find((hit) => refusalOf(hit) === null) ?? null;
    const refused = target === null ? (sockets[0] ?? null) : null;
    return { target, refusal: refused && refusalOf(refused), refused };
  }
  const show = (pointer: PointerState) => {
    light();
    const { target, refusal } = aim(pointer);
    host.setOverlay({ draft: { anchor, accepted, pointer: pointer.world, target }, refusal });
  };
  const hide = () => host.setOverlay({ draft: null, refusal: null });
  show(start);
  /** A tap on a socket began the wire: the next tap says where it ends. */
  let isTapped = false;
  let isDone = false;
  /** In the graph: between two taps the view may have moved. */
  const hasLeft = ({ world }: PointerState) =>
    Math.hypot(world.x - start.world.x, world.y - start.world.y) * session.viewport.zoom > 2 * dragThreshold(start);
  let isDragged = false;

  return {
    cursor: "crosshair",
    isUnderWay: () => isDragged,
    move(pointer) {
      isDragged ||= hasLeft(pointer);
      show(pointer);
    },
    up(pointer) {
      const travelled = hasLeft(pointer);
      if (!travelled && !isTapped) {
        isTapped = true;
        return;
      }
      isDone = true;
      const { target, refusal, refused } = aim(pointer);
      hide();
      if (target && travelled) {
        const edge = edgeBetween(anchor, target);
        if (isHeld(edge)) return;
        documents.edit(held ? edits.moveWire : edits.connect, (t) => {
          if (held) t.disconnect(edgeKey(held));
          t.connect(edge);
        });
      } else if (refusal !== null && refused && travelled) {
        host.refuse(pointer, edgeBetween(anchor, refused), refusal);
      } else if (refusal === null && travelled && !isTapped && scene.nodeAt(pointer.world) === null) {
        if (held) documents.edit(edits.disconnect, (t) => t.disconnect(edgeKey(held)));
        else if (anchor.socket !== NEW_PORT) host.openAddMenu(pointer, anchor);
      }
    },
    cancel: hide,
    goesOn: () => isTapped && !isDone,
  };
}

const isOutput = (hit: SocketHit, end: Endpoint): boolean =>
  hit.place.side === "output" && hit.node === end.node && hit.socket === end.socket;
