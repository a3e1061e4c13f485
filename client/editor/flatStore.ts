/** Where the nodes of the open sheet are in the flat graph, which is what runs, findings and taps speak of. */
import type { Endpoint, Issue } from "@distillery/shared/graph/document";
import { edgeKey } from "@distillery/shared/graph/document";
import { flatten } from "@distillery/shared/graph/flatten";
import { defineStore } from "pinia";
import { computed } from "vue";
import { titleOf } from "../document/connection";
import { useDocumentStore } from "./documentStore";
import { useSessionStore } from "./sessionStore";

export const useFlatStore = defineStore("flat", () => {
  const documents = useDocumentStore();
  const session = useSessionStore();

  /** Null as long as nothing is folded: then every node is where it seems to be. */
  const flat = computed(() => {
    void documents.structure;
    const document = documents.document();
    return document.heads.size === 0 ? null : flatten(document.toDocument({ x: 0, y: 0, zoom: 1 }));
  });
  const origins = new WeakMap<Issue, string>();
  const types = computed(() => new Map(flat.value?.document.nodes.map(({ id, type }) => [id, type])));
  /** Nodes inside each instance, by the path to it. */
  const inside = computed(() => {
    const byPath = new Map<string, string[]>();
    for (const { id } of flat.value?.document.nodes ?? []) {
      const place = flat.value?.places.get(id) ?? [id];
      for (let depth = 1; depth < place.length; depth++) {
        const key = place.slice(0, depth).join("/");
        const ids = byPath.get(key);
        if (ids) ids.push(id);
        else byPath.set(key, [id]);
      }
    }
    return byPath;
  });

  /** Id in the flat graph of a node of the open sheet. */
  const idOf = (node: string): string => flat.value?.idOf([...documents.path, node]) ?? node;
  /** The nodes that an instance of the open sheet stands for; none where it is an ordinary node. */
  const nodesIn = (node: string): readonly string[] => inside.value.get([...documents.path, node].join("/")) ?? NOBODY;
  /** The outputs of the flat graph behind an output of the open sheet. */
  const sourcesOf = (output: Endpoint): readonly Endpoint[] => flat.value?.sources(documents.path, output) ?? [output];
  /** The instances on the way to a node of the flat graph, and its id there. */
  const placeOf = (id: string): readonly string[] => flat.value?.places.get(id) ?? [id];

  /** The node of the open sheet that is, or holds, a node of the flat graph; null where it is elsewhere. */
  function nodeHere(id: string): { node: string; isInside: boolean } | null {
    const place = placeOf(id);
    const { path } = documents;
    const node = place[path.length];
    if (node === undefined || path.some((each, depth) => place[depth] !== each)) return null;
    return { node, isInside: place.length > path.length + 1 };
  }
  /** A finding as the open sheet shows it: on the node, or on the instance that holds it. */
  function issueHere(issue: Issue): Issue[] {
    if (flat.value === null) return [issue];
    const target = issue.node ?? issue.edge?.to.node;
    const here = target === undefined ? null : nodeHere(target);
    if (target === undefined) return [issue];
    if (here === null) return [];
    const { socket, edge, ...rest } = issue;
    const wire = edge && wireHere(edge.from, { node: here.node, socket: edge.to.socket }, here.isInside);
    const shown = {
      ...rest,
      node: here.node,
      ...(!here.isInside && socket && { socket }),
      ...(wire && { edge: wire }),
    };
    if (here.isInside) origins.set(shown, target);
    return [shown];
  }
  function wireHere(from: Endpoint, to: Endpoint, isInside: boolean) {
    if (isInside) return undefined;
    const graph = documents.graph();
    const wires = [...graph.edgesOf(to.node)].flatMap((key) => graph.edges.get(key) ?? []);
    return wires.find(
      (wire) =>
        wire.to.node === to.node &&
        wire.to.socket === to.socket &&
        sourcesOf(wire.from).some((source) => source.node === from.node && source.socket === from.socket),
    );
  }
  /** The wire of the open sheet that a wire of the flat graph comes by at its end. */
  const edgeHere = (edge: NonNullable<Issue["edge"]>): string | null => {
    const here = nodeHere(edge.to.node);
    const wire = here && wireHere(edge.from, { node: here.node, socket: edge.to.socket }, here.isInside);
    return wire ? edgeKey(wire) : null;
  };

  /** Nodes of every sheet, as they run; null as long as nothing is folded. */
  const everyNode = computed(() => flat.value?.document.nodes ?? null);
  /** Of a finding that an instance shows: the node inside that it is about. */
  const originOf = (issue: Issue): string | undefined => origins.get(issue);
  /** Opens the sheet that a node of the flat graph is on, and shows the node there, or the wire that comes by at its end. */
  function lead(id: string, edge?: Issue["edge"]): void {
    const place = placeOf(id);
    const inner = place.at(-1);
    if (inner === undefined || !documents.open(place.slice(0, -1))) return;
    // A sheet that was opened just now is drawn first.
    requestAnimationFrame(() => {
      if (documents.graph().nodes.has(inner)) session.view?.reveal(inner);
      const wire = edge && edgeHere(edge);
      if (wire) session.selectWire(wire);
    });
  }
  /** How the nodes on a way from the document's own sheet are called. */
  function titlesOf(place: readonly string[]): string[] {
    void documents.revision;
    const document = documents.document();
    return place.map((id, depth) => {
      const sheet = document.sheetAt(place.slice(0, depth));
      const node = sheet === undefined ? undefined : document.sheet(sheet).nodes.get(id);
      return node ? titleOf(node, documents.library) : id;
    });
  }
  const typeOf = (id: string): string => types.value.get(id) ?? "";

  return { everyNode, nodeHere, idOf, typeOf, nodesIn, sourcesOf, placeOf, titlesOf, issueHere, originOf, lead };
});

const NOBODY: readonly string[] = [];
