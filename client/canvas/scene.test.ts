import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newNode } from "../document/defaults";
import { GraphEditor } from "../document/graphEditor";
import { testLibrary } from "../document/testLibrary";
import { CARD } from "./nodeGeometry";
import { Scene } from "./scene";
import { curveBounds, distanceToCurve, pointOn, wireCurve } from "./wirePath";

const step = testLibrary.get("solver/step")!;

/** An editor with `count` solver steps in a row, each feeding the next. */
function chain(count: number): GraphEditor {
  const editor = new GraphEditor(testLibrary);
  editor.edit("Chain", (t) => {
    let last: string | undefined;
    for (let i = 0; i < count; i += 1) {
      const node = newNode(step, { x: (i % 40) * 300, y: Math.floor(i / 40) * 280 }, (id) => t.graph.nodes.has(id));
      t.addNode(node);
      if (last) t.connect({ from: { node: last, socket: "x" }, to: { node: node.id, socket: "x" } });
      last = node.id;
    }
  });
  return editor;
}
const sceneOf = (editor: GraphEditor) =>
  new Scene(
    () => editor.graph,
    testLibrary,
    () => false,
  );
const contents = (scene: Scene) => ({
  nodes: [...scene.nodes.entries()].sort(),
  wires: [...scene.wires.entries()].sort(),
});

describe("Scene", () => {
  it("follows diffs exactly as if it were built anew", () => {
    const change = fc.tuple(fc.nat(3), fc.nat(20), fc.nat(500), fc.nat(500));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const editor = chain(8);
        const scene = sceneOf(editor);
        scene.rebuild();
        editor.listen((diff) => scene.update(diff));
        for (const [kind, index, x, y] of changes) {
          const id = [...editor.graph.nodes.keys()][index % Math.max(1, editor.graph.nodes.size)];
          const edge = [...editor.graph.edges.keys()][index % Math.max(1, editor.graph.edges.size)];
          if (kind === 0 && id) editor.edit("Move", (t) => t.updateNode(id, { position: { x, y } }));
          else if (kind === 1 && id) editor.edit("Delete", (t) => t.removeNode(id));
          else if (kind === 2 && edge) editor.edit("Cut", (t) => t.disconnect(edge));
          else editor.undo();
        }
        const fresh = sceneOf(editor);
        fresh.rebuild();
        expect(contents(scene)).toEqual(contents(fresh));
      }),
      { numRuns: 60 },
    );
  });

  it("finds sockets, wires and nodes under the pointer", () => {
    const editor = chain(2);
    const scene = sceneOf(editor);
    scene.rebuild();
    const output = scene.socketAt("step", "x", "output")!;
    expect(output.x).toBe(CARD.width);
    expect(scene.socketNear({ x: output.x + 5, y: output.y - 3 })).toMatchObject({ node: "step", socket: "x" });
    expect(scene.socketNear({ x: output.x + 60, y: output.y })).toBeNull();
    const wire = scene.wire("step.x>step-2.x")!;
    const middle = pointOn(wire.curve, 0.5);
    expect(scene.wireNear({ x: middle.x, y: middle.y + 3 }, 6)).toBe("step.x>step-2.x");
    expect(scene.wireNear({ x: middle.x, y: middle.y + 30 }, 6)).toBeNull();
    expect(scene.nodeAt({ x: 310, y: 10 })).toBe("step-2");
  });

  it("stays within its budget: 2,000 nodes are placed in well under a second, a move touches only its own wires", () => {
    const editor = chain(2000);
    const scene = sceneOf(editor);
    const start = performance.now();
    scene.rebuild();
    expect(performance.now() - start).toBeLessThan(1000);
    editor.listen((diff) => scene.update(diff));
    const before = performance.now();
    for (let x = 0; x < 60; x += 1) editor.edit("Move", (t) => t.updateNode("step-900", { position: { x, y: 0 } }));
    expect((performance.now() - before) / 60).toBeLessThan(17);
  });
});

describe("wire curves", () => {
  it("stay inside their bounds, also when they run back", () => {
    const coordinate = fc.integer({ min: -2000, max: 2000 });
    const point = fc.record({ x: coordinate, y: coordinate });
    fc.assert(
      fc.property(point, point, fc.double({ min: 0, max: 1, noNaN: true }), (from, to, t) => {
        const curve = wireCurve(from, to);
        const box = curveBounds(curve);
        const p = pointOn(curve, t);
        expect(p.x).toBeGreaterThanOrEqual(box.x - 1e-6);
        expect(p.x).toBeLessThanOrEqual(box.x + box.width + 1e-6);
        expect(p.y).toBeGreaterThanOrEqual(box.y - 1e-6);
        expect(p.y).toBeLessThanOrEqual(box.y + box.height + 1e-6);
        expect(distanceToCurve(curve, from)).toBeLessThan(1e-6);
        expect(distanceToCurve(curve, to)).toBeLessThan(1e-6);
      }),
    );
  });
});
