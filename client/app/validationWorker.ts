/** Builds the graph symbolically, off the page's own thread. */

import { bundledModels } from "@distillery/nodes/models/index";
import { validateDocument } from "@distillery/shared/compile/validate";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Resources } from "@distillery/shared/graph/wires";
import type { ValidationReply, ValidationRequest } from "./validation";

const refuse = (path: string): never => {
  throw new Error(`Validation reads no files, but was asked for "${path}".`);
};

/** Listening begins at once: the library may have to wait for its packs, and what nobody hears meanwhile is lost. */
const loading = import("../packs/library");

self.onmessage = async ({ data }: MessageEvent<ValidationRequest>) => {
  const { library } = await loading;
  const resources: Resources = {
    image: async (path) => refuse(path),
    bytes: async (path) => refuse(path),
    dataset: (id) => data.datasets.find((each) => each.id === id),
    // The list is empty while the server is away.
    model: (id) => [...data.models, ...bundledModels].find((each) => each.id === id),
  };
  self.postMessage({ id: data.id, ...findingsOf(data.document, library, resources) } satisfies ValidationReply);
};

function findingsOf(document: unknown, library: NodeLibrary, resources: Resources): Omit<ValidationReply, "id"> {
  try {
    const { issues, plan } = validateDocument(document, library, resources);
    return { issues, shapes: new Map([...(plan?.train?.taps ?? [])].map(([output, { shape }]) => [output, shape])) };
  } catch (error) {
    return { issues: [], shapes: new Map(), failure: error instanceof Error ? error.message : String(error) };
  }
}
