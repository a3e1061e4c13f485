import { describe, expect, it } from "vitest";
import { documentSchema, emptyDocument, type GraphDocument, LIMITS } from "./document";
import { flatDocument, flatten } from "./flatten";
import { fold, unfold } from "./fold";
import { contentHash } from "./hash";
import { NodeLibrary } from "./node";
import { withParameters } from "./overrides";
import type { Sheet } from "./subgraph";

const node = (id: string, type = "t/x", more = {}) => ({ id, type, params: {}, position: { x: 0, y: 0 }, ...more });
const edge = (text: string) => {
  const [from = "", to = ""] = text.split(">");
  const end = (part: string) => {
    const [name = "", socket = ""] = part.split("/");
    return { node: name, socket };
  };
  return { from: end(from), to: end(to) };
};
const told = ({ edges }: Pick<GraphDocument, "edges">) =>
  edges.map(({ from, to }) => `${from.node}/${from.socket}>${to.node}/${to.socket}`);
const document = (given: object): GraphDocument => documentSchema.parse({ ...emptyDocument(), ...given });
const border = [node("inputs", "subgraph/inputs"), node("outputs", "subgraph/outputs")];
const pair = {
  id: "pair",
  inputs: [{ name: "x", type: "state" }],
  outputs: [{ name: "y", type: "state" }],
  nodes: [...border, node("a", "t/x", { params: { k: 1, l: 2 } }), node("b")],
  edges: ["inputs/x>a/x", "a/x>b/x", "b/x>outputs/y"].map(edge),
};
const empty = new NodeLibrary([]);

describe("flatten", () => {
  it("gives a plain document back as it is", () => {
    const plain = document({ nodes: [node("a"), node("b")], edges: [edge("a/x>b/x")] });
    expect(flatDocument(plain)).toBe(plain);
    expect(documentSchema.parse(plain)).not.toHaveProperty("subgraphs");
  });

  it("expands nested instances in place, with path ids, places and parameters from outside", () => {
    const outer = {
      id: "outer",
      inputs: [{ name: "in", type: "state" }],
      outputs: [{ name: "out", type: "state" }],
      nodes: [...border, node("p", "subgraph/pair", { params: { "a.k": 3 } })],
      edges: ["inputs/in>p/x", "p/y>outputs/out"].map(edge),
    };
    const given = document({
      nodes: [
        node("s"),
        node("one", "subgraph/outer", { params: { "p.a.l": 9 } }),
        node("two", "subgraph/pair"),
        node("t"),
      ],
      edges: ["s/x>one/in", "one/out>two/x", "two/y>t/x"].map(edge),
      subgraphs: [pair, outer],
    });
    const flat = flatten(given);
    expect(flat.issues).toEqual([]);
    expect(flat.document.nodes.map(({ id }) => id)).toEqual(["s", "one.p.a", "one.p.b", "two.a", "two.b", "t"]);
    expect(flat.document.nodes[1]?.params).toEqual({ k: 3, l: 9 });
    expect(told(flat.document).sort()).toEqual(
      ["s/x>one.p.a/x", "one.p.a/x>one.p.b/x", "one.p.b/x>two.a/x", "two.a/x>two.b/x", "two.b/x>t/x"].sort(),
    );
    expect(flat.places.get("one.p.a")).toEqual(["one", "p", "a"]);
    expect(flat.idOf(["one", "p", "b"])).toBe("one.p.b");
    expect(flat.sources([], { node: "one", socket: "out" })).toEqual([{ node: "one.p.b", socket: "x" }]);
    expect(flat.sources(["two"], { node: "inputs", socket: "x" })).toEqual([{ node: "one.p.b", socket: "x" }]);
  });

  it("says what it cannot expand: a missing socket, a missing parameter, a circle, itself", () => {
    const codes = (given: object) => flatten(document(given)).issues.map(({ code }) => code);
    const nodes = [node("p", "subgraph/pair"), node("t")];
    expect(codes({ nodes, edges: [edge("p/nope>t/x")], subgraphs: [pair] })).toEqual(["unknown-socket"]);
    expect(
      codes({ nodes: [node("p", "subgraph/pair", { params: { "q.k": 1 } })], edges: [], subgraphs: [pair] }),
    ).toEqual(["unknown-parameter"]);
    const through = { ...pair, id: "through", nodes: border, edges: [edge("inputs/x>outputs/y")] };
    expect(
      codes({
        nodes: [node("p", "subgraph/through"), node("t")],
        edges: ["p/y>p/x", "p/y>t/x"].map(edge),
        subgraphs: [through],
      }),
    ).toEqual(["cycle"]);
    const self = { id: "self", nodes: [node("again", "subgraph/self")], edges: [] };
    expect(codes({ nodes: [node("s", "subgraph/self")], edges: [], subgraphs: [self] })).toEqual([
      "subgraph-recursion",
    ]);
    expect(flatten(document({ nodes: [node("p", "subgraph/gone")], edges: [] })).document.nodes).toHaveLength(1);
  });

  it("refuses a bomb before it goes off", () => {
    const subgraphs = Array.from({ length: 40 }, (_, level) => ({
      id: `l${level}`,
      nodes: ["a", "b", "c"].map((id) => node(id, level === 0 ? "t/x" : `subgraph/l${level - 1}`)),
      edges: [],
    }));
    const begin = performance.now();
    const { issues, document: flat } = flatten(
      document({ nodes: [node("top", "subgraph/l39")], edges: [], subgraphs }),
    );
    expect(issues.map(({ code }) => code)).toEqual(["too-large"]);
    expect(flat.nodes).toHaveLength(1);
    expect(performance.now() - begin).toBeLessThan(200);
    const wide = { ...pair, edges: [], nodes: [...border, ...Array.from({ length: 900 }, (_, i) => node(`n${i}`))] };
    const fan = { ...wide, edges: wide.nodes.slice(2).map(({ id }) => edge(`inputs/x>${id}/x`)) };
    const sources = Array.from({ length: 900 }, (_, i) => node(`s${i}`));
    const many = document({
      nodes: [...sources, node("p", "subgraph/pair")],
      edges: sources.map(({ id }) => edge(`${id}/x>p/x`)),
      subgraphs: [fan],
    });
    expect(flatten(many).document.edges.length).toBeLessThanOrEqual(LIMITS.edges);
    expect(flatten(many).issues.map(({ code }) => code)).toEqual(["too-large"]);
  });
});

describe("fold and unfold", () => {
  const sheet = document({
    nodes: ["s", "a", "b", "c", "t"].map((id, i) => node(id, "t/x", { position: { x: 100 * i, y: 20 * i } })),
    edges: ["s/x>a/x", "s/x>b/x", "a/x>t/many", "c/x>t/many", "b/x>t/many", "a/x>b/y", "b/x>c/x"].map(edge),
    seed: 7,
  });
  const options = {
    instance: "part",
    subgraph: "part",
    name: "Part",
    socketOf: (_: unknown, side: string, name: string) =>
      ({ type: "state", cardinality: name === "many" && side === "input" ? "many" : "one", isDelayed: false }) as const,
  };
  const folded = (ids: string[], of: Sheet = sheet, more = {}) => {
    const { sheet: next, subgraph } = fold(of, new Set(ids), { ...options, ...more });
    return { ...sheet, ...next, nodes: [...next.nodes], edges: [...next.edges], frames: [], subgraphs: [subgraph] };
  };

  it("leaves the flat graph and its hash as they were, wires of one socket in their order", async () => {
    for (const ids of [
      ["a", "b"],
      ["b", "c"],
      ["t", "c"],
      ["s", "t"],
      ["a", "t", "b"],
    ]) {
      const outer = folded(ids);
      expect(documentSchema.parse(outer)).toEqual(outer);
      const flat = flatten(outer);
      expect(flat.issues).toEqual([]);
      expect(told(flat.document).sort()).toEqual(told(sheet).sort());
      expect(told(flat.document).filter((wire) => wire.endsWith("many"))).toEqual([
        "a/x>t/many",
        "c/x>t/many",
        "b/x>t/many",
      ]);
      expect(await contentHash(outer)).toBe(await contentHash(sheet));
      const [subgraph] = outer.subgraphs;
      const instance = outer.nodes.find(({ id }) => id === "part");
      const back = unfold(outer, instance!, subgraph!);
      expect([...back.nodes].sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual(
        [...sheet.nodes].sort((x, y) => (x.id < y.id ? -1 : 1)),
      );
      expect(told({ edges: [...back.edges] }).sort()).toEqual(told(sheet).sort());
    }
  });

  it("folds a folded part into another", async () => {
    const once = folded(["a", "b"]);
    const twice = folded(["part", "c"], once, { instance: "whole", subgraph: "whole" });
    twice.subgraphs.push(...once.subgraphs);
    expect(await contentHash(twice)).toBe(await contentHash(sheet));
    expect(flatten(twice).places.get("a")).toEqual(["whole", "part", "a"]);
  });

  it("names one socket for a source that feeds several inputs", () => {
    const [subgraph] = folded(["a", "b"]).subgraphs;
    expect(subgraph?.inputs).toEqual([{ name: "x", type: "state" }]);
    expect(subgraph?.outputs.map(({ name }) => name)).toEqual(["x", "x-2"]);
  });
});

describe("parameters from outside", () => {
  const twice = document({
    nodes: [node("one", "subgraph/pair"), node("two", "subgraph/pair"), node("t")],
    edges: [],
    subgraphs: [pair],
  });
  const set = (given: GraphDocument, path: string) => withParameters(given, { [path]: 5 }, empty);
  const params = (given: GraphDocument, id: string) => flatDocument(given).nodes.find((each) => each.id === id)?.params;

  it("reaches one of two instances by its path and leaves the other alone", () => {
    const { document: changed, problems } = set(twice, "one.a.k");
    expect(problems).toEqual([]);
    expect(params(changed, "one.a")).toEqual({ k: 5, l: 2 });
    expect(params(changed, "two.a")).toEqual({ k: 1, l: 2 });
    expect(set(twice, "a.k").problems[0]?.message).toContain("one.a, two.a");
  });

  it("takes the inner id where only one node has it, and sets it inside", () => {
    const once = { ...twice, nodes: twice.nodes.slice(1) };
    const { document: changed } = set(once, "a.k");
    expect(params(changed, "two.a")).toEqual({ k: 5, l: 2 });
    expect(changed.nodes).toEqual(once.nodes);
    const kept = {
      ...once,
      nodes: once.nodes.map((each) => ({ ...each, ...(each.id === "two" ? { keepsIds: true as const } : {}) })),
    };
    expect(params(set(kept, "two.a.k").document, "a")).toEqual({ k: 5, l: 2 });
  });

  it("replaces a value that comes from outside already", () => {
    const given = { ...twice, nodes: [node("one", "subgraph/pair", { params: { "a.k": 3 } })] };
    expect(params(set(given, "one.a.k").document, "one.a")).toEqual({ k: 5, l: 2 });
  });
});
