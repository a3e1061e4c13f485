/** Builds the graph symbolically, off the page's own thread. */
import { library } from "@distillery/nodes/library";
import { bundledModels } from "@distillery/nodes/models/index";
import { validateDocument } from "@distillery/shared/compile/validate";
import type { Issue } from "@distillery/shared/graph/document";
import type { Resources } from "@distillery/shared/graph/wires";
import type { ValidationRequest } from "./validation";

const refuse = (path: string): never => {
  throw new Error(`Validation reads no files, but was asked for "${path}".`);
};

self.onmessage = ({ data }: MessageEvent<ValidationRequest>) => {
  const resources: Resources = {
    image: async (path) => refuse(path),
    bytes: async (path) => refuse(path),
    dataset: (id) => data.datasets.find((each) => each.id === id),
    // The list is empty while the server is away.
    model: (id) => [...data.models, ...bundledModels].find((each) => each.id === id),
  };
  self.postMessage({ id: data.id, issues: issuesOf(data.document, resources) });
};

function issuesOf(document: unknown, resources: Resources): Issue[] {
  try {
    return validateDocument(document, library, resources).issues;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ severity: "error", code: "validation-failed", message: `The graph could not be checked: ${message}` }];
  }
}
