/** What a node pack may import. It gets the host's own modules, so that its tensors and sockets are everybody's. */
import * as zod from "zod";
import * as node from "../graph/node";
import * as wires from "../graph/wires";
import * as graph from "../onnx/graph";
import * as ops from "../onnx/ops";
import * as philox from "../random/philox";

export const HOST_MODULES = {
  "@distillery/shared/graph/node": node,
  "@distillery/shared/graph/wires": wires,
  "@distillery/shared/onnx/graph": graph,
  "@distillery/shared/onnx/ops": ops,
  "@distillery/shared/random/philox": philox,
  zod,
} as const;

/** A built pack: given the host's modules it returns what the pack exports. */
export type BuiltPack = (host: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
