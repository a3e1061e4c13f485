/** Graphs that come with the product; the id is the file's name. */
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";

import { type Preset, presetsOf } from "./presets/preset";

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly document: GraphDocument;
  /** Settings as published, for models of one's own. */
  readonly presets: readonly Preset[];
}

const files = import.meta.glob<unknown>("./*.json", { eager: true, import: "default" });

export const templates: readonly Template[] = Object.keys(files)
  .sort()
  .map((path) => {
    const document = documentSchema.parse(files[path]);
    const id = path.replace(/^\.\//, "").replace(/\.json$/, "");
    return { id, name: document.name, description: document.description, document, presets: presetsOf(id) };
  });
