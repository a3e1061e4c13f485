import { emptyDocument } from "@distillery/shared/graph/document";
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { converterFor, explainConnection } from "./connection";
import { GraphRecords } from "./records";
import { testLibrary } from "./testLibrary";

const at = (id: string, type: string) => ({ id, type, params: {}, position: { x: 0, y: 0 } });
const end = (text: string) => {
  const [node = "", socket = ""] = text.split(".");
  return { node, socket };
};
const graph = (links: readonly (readonly [string, string])[] = []) =>
  GraphRecords.from({
    ...emptyDocument(),
    nodes: [
      at("start", "data/start"),
      at("a", "solver/step"),
      at("b", "solver/step"),
      at("bank", "bank/trajectory"),
      at("odd", "alien/thing"),
    ],
    edges: links.map(([from, to]) => ({ from: end(from), to: end(to) })),
  });
const explain = (from: string, to: string, links?: readonly (readonly [string, string])[]) =>
  explainConnection(graph(links), testLibrary, end(from), end(to));

describe("explainConnection", () => {
  it("I4: allows equal wire types", () => {
    expect(explain("start.x", "a.x")).toBeNull();
  });
  it("I4 I8: names both sockets and types", () => {
    expect(explain("a.predX0", "b.x")).toBe('"predX0" gives an image, but "x" of "Solver step" takes a state.');
  });
  it("I8: points to a node that helps", () => {
    expect(explain("start.x", "a.weights")).toBe('"x" gives a state, but "weights" of "Solver step" takes weights.');
    const withDataset = explainConnection(
      graph(),
      {
        get: (type) => testLibrary.get(type === "alien/thing" ? "data/set" : type) ?? dataset(type),
        all: testLibrary.all.bind(testLibrary),
      },
      end("odd.dataset"),
      end("a.x"),
    );
    expect(withDataset).toContain('a "Start" node in between');
  });
  it("I8: points to none that would close a loop", () => {
    const links = [["a.x", "b.x"]] as const;
    expect(converterFor(graph(links), testLibrary, end("b.x"), end("a.weights"))).toBeNull();
    const wider = new NodeLibrary([...testLibrary.all(), maker]);
    expect(converterFor(graph(), wider, end("b.predX0"), end("a.weights"))?.definition.title).toBe("Maker");
    expect(converterFor(graph(links), wider, end("b.predX0"), end("a.weights"))).toBeNull();
    expect(explainConnection(graph(links), wider, end("b.predX0"), end("a.weights"))).not.toContain("in between");
  });
  it("I5: refuses a duplicate", () => {
    expect(explain("start.x", "a.x", [["start.x", "a.x"]])).toBe("These two sockets are already connected.");
  });
  it("I6: refuses a loop and says which", () => {
    expect(explain("b.x", "a.x", [["a.x", "b.x"]])).toMatch(/close a loop: "Solver step" already feeds/);
    expect(explain("a.x", "a.x")).toBe('"Solver step" cannot feed itself within one step.');
  });
  it("I6: allows a loop through a delayed input", () => {
    expect(explain("a.x", "bank.advanced", [["bank.x", "a.x"]])).toBeNull();
    expect(explain("bank.x", "a.x", [["a.x", "bank.advanced"]])).toBeNull();
  });
  it("L1: nothing new connects to an unknown type", () => {
    expect(explain("start.x", "odd.x")).toContain('"alien/thing" is not known here');
  });
  it("names a missing socket", () => {
    expect(explain("start.nope", "a.x")).toBe('"Start" has no output called "nope".');
    expect(explain("start.x", "a.nope")).toBe('"Solver step" has no input called "nope".');
  });
});

const maker = defineNode({
  type: "model/maker",
  version: 1,
  title: "Maker",
  family: "model",
  help: "For this test.",
  inputs: { images: wire.image },
  outputs: { weights: wire.weights },
  params: z.object({}),
});

/** A definition with a data set output, for the unknown node. */
function dataset(type: string) {
  const start = testLibrary.get("data/start");
  if (type !== "alien/thing" || !start) return undefined;
  return { ...start, type, outputs: { dataset: start.inputs.dataset! } };
}
