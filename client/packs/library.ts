/** The node library of this page: the product's own nodes and those of the packs that the server has. */
import { library as ownNodes } from "@distillery/nodes/library";
import { type NodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";
import type { BuiltPack } from "@distillery/shared/packs/hostModules";
import { type PackDescription, packSchema } from "@distillery/shared/packs/pack";
import { z } from "zod";

/** Also runs in the validation worker, so it asks by itself; whoever may not ask sees the nodes as placeholders. */
async function listPacks(): Promise<PackDescription[]> {
  try {
    const answer = await fetch("/api/packs");
    return answer.ok ? z.array(packSchema).parse(await answer.json()) : [];
  } catch {
    return [];
  }
}

async function nodesOf({ name, url }: PackDescription): Promise<NodeDefinition[]> {
  if (url === null) return [];
  try {
    // Only pages of servers with packs need them.
    const [{ HOST_MODULES }, { nodesOfPack }, built] = await Promise.all([
      import("@distillery/shared/packs/hostModules"),
      import("@distillery/shared/packs/pack"),
      import(/* @vite-ignore */ url) as Promise<{ default: BuiltPack }>,
    ]);
    return nodesOfPack(name, built.default(HOST_MODULES));
  } catch (error) {
    console.warn(`The node pack ${name} does not work in this browser.`, error);
    return [];
  }
}

async function load(): Promise<NodeLibrary> {
  const packs = (await listPacks()).filter(({ problem }) => problem === null);
  if (packs.length === 0) return ownNodes;
  const nodes = await Promise.all(packs.map(nodesOf));
  return new NodeLibrary([...ownNodes.all(), ...nodes.flat()], packs);
}

export const library = await load();
