/** Node packs: who brought which nodes, and the rules their nodes keep. */
import { z } from "zod";
import { isNodeDefinition, type NodeDefinition } from "../graph/node";

/** Every family but subgraphs, which nobody defines. */
const FAMILIES: readonly string[] = [
  "data",
  "schedule",
  "model",
  "time",
  "solver",
  "bank",
  "student",
  "loss",
  "train",
  "evaluate",
  "inspect",
  "export",
] satisfies NodeDefinition["family"][];

/** A pack as the server describes it. */
export const packSchema = z.object({
  /** As in its package.json, or the folder that was named. */
  name: z.string(),
  version: z.string(),
  description: z.string(),
  /** Types of its nodes: `NAME/family/node`. */
  nodes: z.array(z.string()),
  /** Path of its code for the browser; null where it could not be loaded. */
  url: z.string().nullable(),
  /** Why it is skipped, in one line. */
  problem: z.string().nullable(),
});
export type PackDescription = z.infer<typeof packSchema>;

/** Name of an npm package, with or without a scope. */
export const PACK_NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

/**
 * The node definitions a pack exports, alone or in lists.
 * @throws Error with one line for the pack's author when one breaks the rules.
 */
export function nodesOfPack(name: string, exported: Readonly<Record<string, unknown>>): NodeDefinition[] {
  const nodes = Object.values(exported).flat().filter(isNodeDefinition);
  if (nodes.length === 0) throw new Error("it exports no node: write `export const x = defineNode({...})`.");
  const types = new Set<string>();
  for (const node of nodes) {
    checkNode(name, node);
    if (types.has(node.type)) throw new Error(`it exports two nodes of the type "${node.type}".`);
    types.add(node.type);
  }
  return nodes;
}

function checkNode(pack: string, { type, title, family, version, params }: NodeDefinition): void {
  if (!FAMILIES.includes(family))
    throw new Error(`"${type}" has the family "${family}"; there are ${FAMILIES.join(", ")}.`);
  const prefix = `${pack}/${family}/`;
  if (!type.startsWith(prefix) || !/^[a-z0-9-]+$/.test(type.slice(prefix.length)))
    throw new Error(`the type "${type}" must be "${prefix}" and a name of letters, digits and "-".`);
  if (typeof title !== "string" || title === "") throw new Error(`"${type}" has no title.`);
  if (!Number.isInteger(version) || version < 1) throw new Error(`"${type}" needs a version: 1, 2, ...`);
  const defaults = params.safeParse({});
  if (!defaults.success)
    throw new Error(`"${type}": the parameter "${defaults.error.issues[0]?.path.join(".")}" has no default.`);
}
