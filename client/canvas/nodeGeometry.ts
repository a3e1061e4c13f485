/** Where everything on a node card is, computed from its definition alone: gestures never read the DOM. */
import type { GraphNode } from "@distillery/shared/graph/document";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { NEW_PORT } from "@distillery/shared/graph/subgraphDefinition";
import type { WireType } from "@distillery/shared/graph/wires";
import type { GraphView } from "../document/records";
import { summaryFields } from "../editor/paramForm";

export const CARD = {
  width: 220,
  header: 34,
  socketsTop: 40,
  socketRow: 22,
  paramsGap: 6,
  paramRow: 18,
  thumbnail: 124,
  bottom: 8,
} as const;

export interface SocketPlace {
  readonly name: string;
  readonly side: "input" | "output";
  /** `null` for sockets of unknown node types. */
  readonly type: WireType | null;
  readonly required: boolean;
  readonly many: boolean;
  readonly delayed: boolean;
  readonly help: string;
  /** Relative to the node's top left corner. */
  readonly x: number;
  readonly y: number;
}

export interface CardGeometry {
  /** Only the header is shown; all wires end beside it. */
  readonly collapsed: boolean;
  readonly width: number;
  readonly height: number;
  readonly inputs: readonly SocketPlace[];
  readonly outputs: readonly SocketPlace[];
  /** Top of the parameter lines. */
  readonly paramsTop: number;
  /** Top of the picture, when there is one. */
  readonly thumbnailTop: number;
}

/** Viewers of states, images and paths keep room for their picture, so that a run never moves the graph about. */
export const isPictureViewer = (definition: NodeDefinition): boolean =>
  definition.family === "inspect" &&
  Object.values(definition.inputs).some(({ type }) => type === "trajectory" || type === "image" || type === "state");

const socketY = (row: number): number => CARD.socketsTop + row * CARD.socketRow + CARD.socketRow / 2;

/** Geometry of a card. `hasThumbnail` adds room for a picture at the bottom, so sockets never move. */
export function cardGeometry(
  node: GraphNode,
  definition: NodeDefinition | undefined,
  graph: GraphView,
  hasThumbnail: boolean,
): CardGeometry {
  const inputs = definition ? known(definition, "input") : guessed(node.id, graph, "input");
  const outputs = definition ? known(definition, "output") : guessed(node.id, graph, "output");
  if (node.collapsed) {
    const beside = (socket: SocketPlace) => ({ ...socket, y: CARD.header / 2 });
    return {
      collapsed: true,
      width: CARD.width,
      height: CARD.header,
      inputs: inputs.map(beside),
      outputs: outputs.map(beside),
      paramsTop: CARD.header,
      thumbnailTop: CARD.header,
    };
  }
  const rows = Math.max(inputs.length, outputs.length);
  const socketsBottom = CARD.socketsTop + rows * CARD.socketRow;
  const lines = definition ? summaryFields(definition).length : 1;
  const paramsTop = socketsBottom + (lines > 0 ? CARD.paramsGap : 0);
  const thumbnailTop = paramsTop + lines * CARD.paramRow + (lines > 0 ? CARD.paramsGap : 0);
  const height =
    thumbnailTop + (hasThumbnail || (definition && isPictureViewer(definition)) ? CARD.thumbnail : 0) + CARD.bottom;
  return { collapsed: false, width: CARD.width, height, inputs, outputs, paramsTop, thumbnailTop };
}

function known(definition: NodeDefinition, side: "input" | "output"): SocketPlace[] {
  const sockets = side === "input" ? definition.inputs : definition.outputs;
  return Object.entries(sockets).map(([name, socket], row) => ({
    name,
    side,
    type: name === NEW_PORT ? null : socket.type,
    required: side === "input" && socket.cardinality === "one",
    many: socket.cardinality === "many",
    delayed: socket.isDelayed,
    help: socket.help,
    x: side === "input" ? 0 : CARD.width,
    y: socketY(row),
  }));
}

/** Sockets of an unknown type are those that its links name. */
function guessed(id: string, graph: GraphView, side: "input" | "output"): SocketPlace[] {
  const names = new Set<string>();
  for (const key of graph.edgesOf(id)) {
    const edge = graph.edges.get(key);
    const end = side === "input" ? edge?.to : edge?.from;
    if (end?.node === id) names.add(end.socket);
  }
  return [...names].sort().map((name, row) => ({
    name,
    side,
    type: null,
    required: false,
    many: false,
    delayed: false,
    help: "",
    x: side === "input" ? 0 : CARD.width,
    y: socketY(row),
  }));
}
