/** A node type that makes one kind of wire out of another, for two sockets that do not fit. */
import type { NodeDefinition, NodeLibrary, Socket } from "@distillery/shared/graph/node";

export interface Converter {
  readonly definition: NodeDefinition;
  /** Its socket that takes the one, and the one that gives the other. */
  readonly input: string;
  readonly output: string;
}

const firstOf = (sockets: Readonly<Record<string, Socket>>, fits: (socket: Socket) => boolean): string | undefined =>
  Object.entries(sockets).find(([, socket]) => fits(socket))?.[0];

/**
 * The type that needs the fewest other wires, at most one; null when there is none. One that already takes a `to` does
 * not turn a `from` into it, and what is optional beside other inputs only helps them.
 */
export function converterBetween(library: Pick<NodeLibrary, "all">, from: string, to: string): Converter | null {
  let best: Converter | null = null;
  let fewest = 2;
  for (const definition of library.all()) {
    const { inputs, outputs } = definition;
    if (Object.values(inputs).some((socket) => socket.type === to)) continue;
    const output = firstOf(outputs, (socket) => socket.type === to);
    const input = firstOf(inputs, (socket) => socket.type === from && !socket.isDelayed);
    if (output === undefined || input === undefined) continue;
    const others = Object.entries(inputs).filter(
      ([name, socket]) => name !== input && socket.cardinality !== "optional" && !socket.isDelayed,
    ).length;
    if (others >= fewest || (others > 0 && inputs[input]?.cardinality === "optional")) continue;
    fewest = others;
    best = { definition, input, output };
  }
  return best;
}
