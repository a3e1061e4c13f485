/** Adding nodes on the canvas: the searchable menu, a dropped wire's fitting nodes, a drop from the palette. */
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { computed, shallowRef } from "vue";
import { newNode } from "../document/defaults";
import { insertInto, insertionInto } from "../document/insertion";
import type { useDocumentStore } from "../editor/documentStore";
import { useRegistryStore } from "../editor/registryStore";
import type { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { type PointerState, snap } from "./gestureHost";
import { edgeBetween } from "./gestures/drawWire";
import { CARD, cardGeometry } from "./nodeGeometry";
import type { SocketHit } from "./scene";
import type { Point } from "./wirePath";
import type { WireUnder } from "./wireUnder";

const words = say.canvas.addNode;
const MENU = { width: 272, height: 360 };

interface OpenMenu {
  /** Pixels on the canvas. */
  readonly x: number;
  readonly y: number;
  /** Where in the graph the node goes. */
  readonly at: Point;
  /** The socket whose wire was dropped here. */
  readonly from: SocketHit | null;
  /** The wire that the node goes into. */
  readonly into: string | null;
}

/** The sockets of a new node that could take the wire from `from`. */
const fittingSockets = (definition: NodeDefinition, from: SocketHit): string[] =>
  Object.entries(from.place.side === "output" ? definition.inputs : definition.outputs)
    .filter(([, socket]) => socket.type === from.place.type)
    .map(([name]) => name);

/** The most that being usual counts: as much as one kind of match and the next differ. */
const USUAL = 20;

export function useAddNode(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
  size: () => { width: number; height: number },
) {
  const registry = useRegistryStore();
  const menu = shallowRef<OpenMenu | null>(null);
  const fits = computed(() => {
    const { from, into } = menu.value ?? {};
    if (into) return (definition: NodeDefinition) => intoWire(into, definition) !== null;
    return from ? (definition: NodeDefinition) => fittingSockets(definition, from).length > 0 : undefined;
  });
  /** How often the examples wire `from` to nodes of a type, or to one of its sockets. */
  function usageOf(from: SocketHit, type: string, socket?: string): number {
    const end = [documents.graph().nodes.get(from.node)?.type ?? "", from.socket] as const;
    return from.place.side === "output"
      ? registry.usage.into(end, type, socket)
      : registry.usage.outOf(end, type, socket);
  }
  /** The socket that the examples use most, or else the first. */
  const socketFor = (definition: NodeDefinition, from: SocketHit): string | undefined =>
    fittingSockets(definition, from)
      .map((name) => ({ name, count: usageOf(from, definition.type, name) }))
      .sort((a, b) => b.count - a.count)[0]?.name;
  /** What usually follows is offered first. */
  const bonus = computed(() => {
    const from = menu.value?.from;
    if (!from) return undefined;
    const most = Math.max(1, ...documents.library.all().map(({ type }) => usageOf(from, type)));
    return ({ type }: NodeDefinition) => (USUAL * usageOf(from, type)) / most;
  });
  const note = computed(() => {
    if (menu.value?.into) return words.intoWire;
    const place = menu.value?.from?.place;
    if (!place) return "";
    return place.side === "output" ? words.taking(place.type) : words.giving(place.type);
  });

  const intoWire = (wire: string, definition: NodeDefinition) =>
    insertionInto(documents.graph(), documents.library, wire, definition, null);

  function open(
    pointer: Pick<PointerState, "screen" | "world">,
    from: SocketHit | null,
    into: string | null = null,
  ): void {
    if (session.readOnly) return;
    const { width, height } = size();
    menu.value = {
      x: Math.max(8, Math.min(pointer.screen.x, width - MENU.width - 8)),
      y: Math.max(8, Math.min(pointer.screen.y, height - MENU.height - 8)),
      at: pointer.world,
      from,
      into,
    };
  }
  /** Opens at the pointer, or in the upper middle when the pointer is elsewhere. */
  function openAt(pointer: PointerState | null, into: string | null = null): void {
    const { width, height } = size();
    const { viewport } = session;
    const screen = pointer?.screen ?? { x: width / 2 - MENU.width / 2, y: height / 3 };
    const world = { x: (screen.x - viewport.x) / viewport.zoom, y: (screen.y - viewport.y) / viewport.zoom };
    open({ screen, world }, null, into);
  }

  /** Adds a node with its header (or the socket that takes the wire) at `at`, connected to `from` or put `into` a wire, as one step. */
  function add(
    definition: NodeDefinition,
    at: Point,
    from: SocketHit | null,
    into: Pick<WireUnder, "wire" | "insertion"> | null = null,
  ): void {
    const node = newNode(definition, at, documents.document());
    const card = cardGeometry(node, definition, documents.graph(), false);
    const socket = from && socketFor(definition, from);
    const place = [...card.inputs, ...card.outputs].find((s) => s.name === socket && s.side !== from?.place.side);
    const offset = place ?? { x: CARD.width / 2, y: CARD.header / 2 };
    const fit = (value: number) => (session.snapToGrid ? snap(value) : Math.round(value));
    const position = { x: fit(at.x - offset.x), y: fit(at.y - offset.y) };
    documents.edit(say.document.edits.add(definition.title), (t) => {
      t.addNode({ ...node, position });
      if (from && place) t.connect(edgeBetween(from, { node: node.id, socket: place.name, place, at }));
      if (into) insertInto(t, into.wire, node.id, into.insertion);
    });
    session.select([node.id]);
  }
  function choose(definition: NodeDefinition): void {
    const { at, from, into } = menu.value ?? {};
    const insertion = into ? intoWire(into, definition) : null;
    if (at) add(definition, at, from ?? null, into && insertion ? { wire: into, insertion } : null);
    menu.value = null;
  }

  return { menu, fits, bonus, note, open, openAt, add, choose };
}
