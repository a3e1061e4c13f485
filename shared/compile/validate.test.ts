import { describe, expect, it } from "vitest";
import type { Resources } from "../graph/wires";
import { lineDocument, lineLibrary } from "../run/testing/line";
import { validateDocument } from "./validate";

const resources: Resources = {
  image: () => Promise.reject(new Error("no files here")),
  bytes: () => Promise.reject(new Error("no files here")),
  dataset: () => undefined,
  model: () => undefined,
};
const codes = (document: unknown) =>
  validateDocument(document, lineLibrary, resources).issues.map((issue) => issue.code);

describe("validateDocument", () => {
  it("accepts a graph that fits together and gives its plan", () => {
    const { plan, issues } = validateDocument(lineDocument(), lineLibrary, resources);
    expect(issues).toEqual([]);
    expect(plan?.train?.steps).toBe(40);
  });

  it.each([
    ["text", "hello", "invalid-document"],
    ["another format", { ...lineDocument(), format: "other" }, "invalid-document"],
    ["an extra field", { ...lineDocument(), surprise: 1 }, "invalid-document"],
    [
      "a NaN position",
      { ...lineDocument(), nodes: [{ ...lineDocument().nodes[0], position: { x: Number.NaN, y: 0 } }] },
      "invalid-document",
    ],
  ])("refuses %s", (_name, document, code) => {
    expect(codes(document)).toContain(code);
  });

  it("names the node of each finding", () => {
    const document = lineDocument();
    const [noise, follower] = document.nodes as [(typeof document.nodes)[0], (typeof document.nodes)[0]];
    const find = (nodes: typeof document.nodes, edges = document.edges) =>
      validateDocument({ ...document, nodes, edges }, lineLibrary, resources).issues[0];
    expect(find([noise, { ...follower, type: "train/magic" }])).toMatchObject({
      code: "unknown-type",
      node: "follower",
    });
    expect(find([noise, { ...follower, version: 9 }])).toMatchObject({ code: "unknown-version", node: "follower" });
    expect(find([noise, { ...follower, params: { rate: "fast" } }])).toMatchObject({
      code: "invalid-parameter",
      node: "follower",
    });
    expect(find([noise, { ...follower, params: { speed: 1 } }])).toMatchObject({
      code: "unknown-parameter",
      node: "follower",
    });
    expect(find([noise, follower, noise])).toMatchObject({ code: "duplicate-node", node: "noise" });
    expect(find([noise, follower], [])).toMatchObject({ code: "missing-input", node: "follower", socket: "target" });
    const edge = document.edges[0] as (typeof document.edges)[0];
    expect(find([noise, follower], [edge, edge])).toMatchObject({ code: "duplicate-edge", node: "follower", edge });
    expect(find([noise, follower], [{ ...edge, from: { node: "gone", socket: "value" } }])).toMatchObject({
      code: "dangling-edge",
    });
    expect(find([noise, follower], [{ ...edge, from: { node: "noise", socket: "gone" } }])).toMatchObject({
      code: "unknown-socket",
    });
  });

  it("survives a graph at the size limit and refuses one beyond it", () => {
    const node = (i: number) => ({ id: `n${i}`, type: "data/noise", params: {}, position: { x: i, y: 0 } });
    const many = (count: number) => ({
      ...lineDocument(),
      edges: [],
      nodes: Array.from({ length: count }, (_, i) => node(i)),
    });
    expect(codes(many(10_000))).toEqual([]);
    expect(codes(many(10_001))).toEqual(["invalid-document"]);
  });
});
