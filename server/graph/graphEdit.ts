/** Small edits of a graph document by name: what a person does on the canvas, for graphs made by a program. */
import type { GraphDocument, GraphEdge, GraphNode } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { z } from "zod";

/** `node.socket` */
const endpoint = (text: string): GraphEdge["from"] => {
  const at = text.lastIndexOf(".");
  return { node: text.slice(0, at), socket: text.slice(at + 1) };
};

/** Parameters are JSON; anything else is a mistake of the caller. */
/** Parameters as a document holds them. */
export const asParams = (params: Readonly<Record<string, unknown>>) => z.record(z.string(), z.json()).parse(params);

export class GraphEdit {
  private readonly document: GraphDocument;
  private nodes: GraphNode[];
  private edges: GraphEdge[];

  /** Works on the flat graph: whoever names a node need not know where it is folded. */
  constructor(document: GraphDocument) {
    this.document = flatDocument(document);
    this.nodes = [...this.document.nodes];
    this.edges = [...this.document.edges];
  }

  /** Takes nodes away with their wires; a node that is not there is no mistake. */
  remove(...ids: readonly string[]): this {
    this.nodes = this.nodes.filter(({ id }) => !ids.includes(id));
    this.edges = this.edges.filter(({ from, to }) => !ids.includes(from.node) && !ids.includes(to.node));
    return this;
  }

  /** @throws when there is no such node. */
  set(id: string, params: Readonly<Record<string, unknown>>): this {
    if (!this.nodes.some((node) => node.id === id)) throw new Error(`The graph has no node "${id}" to set.`);
    this.nodes = this.nodes.map((node) =>
      node.id === id ? { ...node, params: asParams({ ...node.params, ...params }) } : node,
    );
    return this;
  }

  /** Calls a node otherwise, on its wires, too. */
  rename(id: string, name: string): this {
    const renamed = <T extends { node: string }>(end: T): T => (end.node === id ? { ...end, node: name } : end);
    this.nodes = this.nodes.map((node) => (node.id === id ? { ...node, id: name } : node));
    this.edges = this.edges.map(({ from, to }) => ({ from: renamed(from), to: renamed(to) }));
    return this;
  }

  add(node: { id: string; type: string; title?: string; params?: Readonly<Record<string, unknown>> }): this {
    const { params = {}, ...rest } = node;
    this.nodes.push({ ...rest, version: 1, params: asParams(params), position: { x: 0, y: 0 } });
    return this;
  }

  connect(from: string, to: string): this {
    this.edges.push({ from: endpoint(from), to: endpoint(to) });
    return this;
  }

  /** Takes away the wires into one input. */
  disconnect(node: string, socket: string): this {
    this.edges = this.edges.filter(({ to }) => to.node !== node || to.socket !== socket);
    return this;
  }

  /** Feeds whatever read the outputs of the removed node `id` in `before` from other outputs instead. */
  redirect(id: string, outputs: Readonly<Record<string, string>>, before: GraphDocument): this {
    const present = new Set(this.nodes.map((node) => node.id));
    for (const { from, to } of flatDocument(before).edges) {
      const source = from.node === id ? outputs[from.socket] : undefined;
      if (source !== undefined && present.has(to.node)) this.edges.push({ from: endpoint(source), to });
    }
    return this;
  }

  result(suffix: string): GraphDocument {
    return { ...this.document, name: `${this.document.name} (${suffix})`, nodes: this.nodes, edges: this.edges };
  }
}
