/** Node types and templates as plain data, for the API and the command line. */
import { templates as bundled } from "@distillery/nodes/templates/index";
import { opened } from "@distillery/nodes/templates/presets/open";
import { documentSchema } from "@distillery/shared/graph/document";
import type { NodeDefinition, NodeLibrary, Sockets } from "@distillery/shared/graph/node";
import { z } from "zod";

export const socketDescriptionSchema = z.object({
  name: z.string(),
  type: z.string(),
  cardinality: z.enum(["one", "optional", "many"]),
  delayed: z.boolean(),
  help: z.string(),
});

export const nodeTypeSchema = z.object({
  type: z.string(),
  version: z.number().int(),
  title: z.string(),
  family: z.string(),
  help: z.string(),
  formula: z.string().optional(),
  source: z.string().optional(),
  inputs: z.array(socketDescriptionSchema),
  outputs: z.array(socketDescriptionSchema),
  /** JSON Schema of the parameters, with defaults and form hints. */
  params: z.record(z.string(), z.unknown()),
  /** The pack that brought it. */
  pack: z.object({ name: z.string(), version: z.string() }).optional(),
});
export type NodeType = z.infer<typeof nodeTypeSchema>;

const describeSockets = (sockets: Sockets): NodeType["inputs"] =>
  Object.entries(sockets).map(([name, socket]) => ({
    name,
    type: socket.type,
    cardinality: socket.cardinality,
    delayed: socket.isDelayed,
    help: socket.help,
  }));

export const describeNode = (definition: NodeDefinition): NodeType => ({
  type: definition.type,
  version: definition.version,
  title: definition.title,
  family: definition.family,
  help: definition.help,
  ...(definition.formula === undefined ? {} : { formula: definition.formula }),
  ...(definition.source === undefined ? {} : { source: definition.source }),
  inputs: describeSockets(definition.inputs),
  outputs: describeSockets(definition.outputs),
  params: { ...z.toJSONSchema(definition.params, { io: "input", unrepresentable: "any" }) },
});

export const describeLibrary = (library: NodeLibrary): NodeType[] =>
  library
    .all()
    .map((definition) => {
      const origin = library.originOf(definition.type);
      const pack = origin && { pack: { name: origin.name, version: origin.version } };
      return { ...describeNode(definition), ...pack };
    })
    .sort((a, b) => (a.type < b.type ? -1 : 1));

export const templateSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  graph: documentSchema,
  /** Published settings, for models of one's own: open the template with one of them. */
  presets: z.array(z.object({ id: z.string(), title: z.string(), description: z.string() })),
});
export type Template = z.infer<typeof templateSchema>;

/** The graphs that come with the product. */
export const templates: readonly Template[] = bundled.map(({ document, presets, ...template }) => ({
  ...template,
  graph: document,
  presets: presets.map(({ id, title, description }) => ({ id, title, description })),
}));

/** The template, opened with one of its presets. @throws UnknownPreset, naming those it has. */
export function templateWith(template: Template, presetId: string | undefined, library: NodeLibrary): Template {
  if (presetId === undefined) return template;
  const preset = bundled.find(({ id }) => id === template.id)?.presets.find(({ id }) => id === presetId);
  if (preset === undefined) {
    const known = template.presets.map(({ id }) => id).join(", ");
    throw new UnknownPreset(
      `Template "${template.id}" has no preset "${presetId}"; it has ${known === "" ? "none" : known}.`,
    );
  }
  const graph = opened(template.graph, preset, library);
  return { ...template, name: graph.name, description: graph.description, graph };
}
export class UnknownPreset extends Error {
  override readonly name = "UnknownPreset";
}
