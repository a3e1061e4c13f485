/** The node library of this process: the product's own nodes and those of the packs that its configuration names. */
import { library as ownNodes } from "@distillery/nodes/library";
import { NodeLibrary } from "@distillery/shared/graph/node";
import { BUILT_PACKS, builtPacks, installPacks } from "./install";

export const packs = await installPacks(process.env);
// Workers are started with this environment: they take the very files that were built here.
if (packs.length > 0) process.env[BUILT_PACKS] = builtPacks(packs);

const working = packs.filter(({ problem }) => problem === null);

export const library =
  working.length === 0
    ? ownNodes
    : new NodeLibrary([...ownNodes.all(), ...working.flatMap(({ definitions }) => definitions)], working);
