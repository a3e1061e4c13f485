/** The node library: every `defineNode` export of the family folders. A new node is a new file; nothing else changes. */
import { isNodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";

const modules = import.meta.glob<Record<string, unknown>>(
  ["./{data,schedule,model,time,solver,bank,student,loss,train,evaluate,inspect,export}/*.ts", "!./**/*.test.ts"],
  { eager: true },
);

export const library = new NodeLibrary(
  Object.keys(modules)
    .sort()
    .flatMap((path) => Object.values(modules[path] ?? {}).filter(isNodeDefinition)),
);
