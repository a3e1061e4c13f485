import { describe, expect, it } from "vitest";
import { z } from "zod";
import { resolveDocument } from "../compile/resolve";
import { edgeKey, emptyDocument, type GraphDocument, type NodeMode } from "./document";
import { effectiveDocument } from "./modes";
import { defineNode, NodeLibrary, type Sockets, wire } from "./node";

const define = (type: string, inputs: Sockets, outputs: Sockets, more = {}) =>
  defineNode({
    type,
    version: 1,
    title: type,
    family: "data",
    help: "",
    inputs,
    outputs,
    params: z.object({}),
    ...more,
  });

const library = new NodeLibrary([
  define("start", {}, { x: wire.state }),
  define("clock", {}, { t: wire.time }),
  define("step", { x: wire.state, t: wire.time.optional() }, { x: wire.state, predX0: wire.image }),
  define("bank", { x: wire.state, advanced: wire.state.delayed() }, { x: wire.state }),
  define("loss", { student: wire.state, image: wire.image.optional() }, { loss: wire.loss }),
  define("train", { loss: wire.loss.many() }, { metric: wire.metric }, { trainer: { stage: () => ({}) } }),
  define("chart", { metric: wire.metric }, {}),
  define("view", { x: wire.state }, {}),
]);

/** `a:type` nodes and `a.x>b.x` wires. */
function graph(nodes: string, wires: string, modes: Record<string, NodeMode> = {}): GraphDocument {
  const end = (text: string) => ({ node: text.split(".")[0]!, socket: text.split(".")[1]! });
  return {
    ...emptyDocument(),
    nodes: nodes.split(" ").map((text) => {
      const [id = "", type = id] = text.split(":");
      return { id, type, params: {}, position: { x: 0, y: 0 }, ...(modes[id] && { mode: modes[id] }) };
    }),
    edges: wires.split(" ").map((text) => ({ from: end(text.split(">")[0]!), to: end(text.split(">")[1]!) })),
  };
}
function effect(document: GraphDocument) {
  const { document: left, issues } = effectiveDocument(document, library);
  return {
    nodes: left.nodes.map(({ id }) => id).join(" "),
    wires: left.edges.map(edgeKey).join(" "),
    issues: issues.map(({ message }) => message),
  };
}

const NODES = "start clock step loss train view";
const WIRES =
  "start.x>step.x clock.t>step.t step.x>loss.student step.predX0>loss.image loss.loss>train.loss start.x>view.x";

describe("effectiveDocument", () => {
  it("gives back a document without modes as it is", () => {
    const document = graph(NODES, WIRES);
    expect(effectiveDocument(document, library).document).toBe(document);
  });

  it("mutes a node with what only feeds it, and keeps what something else needs", () => {
    const { nodes, wires, issues } = effect(graph(NODES, WIRES, { train: "mute" }));
    expect({ nodes, wires, issues }).toEqual({ nodes: "start view", wires: "start.x>view.x", issues: [] });
  });

  it("says where a muted node is needed, once", () => {
    const document = graph(NODES, WIRES, { start: "mute" });
    expect(effect(document).issues).toEqual([
      'Input "x" of "step" gets nothing: "start" is muted.',
      'Input "x" of "view" gets nothing: "start" is muted.',
    ]);
    const found = resolveDocument(document, library).issues.map(({ code, node }) => `${code} ${node}`);
    expect(found).toEqual(["mode-input step", "mode-input view"]);
  });

  it("bypasses a node with the input of the same type; its other sources leave", () => {
    const without = WIRES.replace(" step.predX0>loss.image", "");
    expect(effect(graph(NODES, without, { step: "bypass" }))).toEqual({
      nodes: "start loss train view",
      wires: "start.x>loss.student loss.loss>train.loss start.x>view.x",
      issues: [],
    });
  });

  it("says when nothing can stand in for an output of a bypassed node", () => {
    expect(effect(graph(NODES, WIRES, { step: "bypass" })).issues).toEqual([
      'Input "image" of "loss" gets nothing: "step" is bypassed, but has no input of type image to stand in for "predX0".',
    ]);
  });

  it("passes several bypassed nodes in a row", () => {
    const row = graph("start a:step b:step view", "start.x>a.x a.x>b.x b.x>view.x", { a: "bypass", b: "bypass" });
    expect(effect(row).wires).toBe("start.x>view.x");
    const loop = graph("a:bank b:step view", "a.x>b.x b.x>a.x a.x>view.x", { a: "bypass", b: "bypass" });
    expect(effect(loop).issues).toEqual(['Input "x" of "view" gets nothing: "bank" is bypassed in a circle.']);
  });

  it("takes a loop along that nothing else needs", () => {
    const wires = "start.x>bank.x bank.x>step.x step.x>bank.advanced bank.x>loss.student loss.loss>train.loss";
    expect(effect(graph("start bank step loss train", wires, { train: "mute" })).nodes).toBe("");
  });

  it("keeps a trainer whose chart is muted", () => {
    const charted = graph(`${NODES} chart`, `${WIRES} train.metric>chart.metric`, { chart: "mute" });
    expect(effect(charted).nodes).toBe(NODES);
  });
});
