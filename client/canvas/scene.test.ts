import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newNode } from "../document/defaults";
import { GraphEditor } from "../document/graphEditor";
import { testLibrary } from "../document/testLibrary";
import { CARD } from "./nodeGeometry";
import { Scene } from "./scene";
import {
  curveBounds,
  distanceToCurve,
  middleOf,
  nearestCurve,
  type Point,
  pointOn,
  wireCurve,
  wireCurves,
} from "./wirePath";

const step = testLibrary.get("solver/step")!;

/** An editor with `count` solver steps in a row, each feeding the next. */
function chain(count: number): GraphEditor {
  const editor = new GraphEditor(testLibrary);
  editor.edit("Chain", (t) => {
    let last: string | undefined;
    for (let i = 0; i < count; i += 1) {
      const node = newNode(step, { x: (i % 40) * 300, y: Math.floor(i / 40) * 280 }, t.document.records);
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
    const middle = middleOf(wire.curves);
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
        const box = curveBounds([curve]);
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

describe("a wire led through points", () => {
  const coordinate = fc.integer({ min: -2000, max: 2000 });
  const anyPoint = fc.record({ x: coordinate, y: coordinate });

  it("is the plain curve without points", () => {
    expect(wireCurves({ x: 0, y: 0 }, { x: 300, y: 90 })).toEqual([wireCurve({ x: 0, y: 0 }, { x: 300, y: 90 })]);
  });

  it("passes every point in order, without a corner", () => {
    fc.assert(
      fc.property(anyPoint, anyPoint, fc.array(anyPoint, { minLength: 1, maxLength: 5 }), (from, to, via) => {
        const curves = wireCurves(from, to, via);
        expect([...curves.map(([start]) => start), curves.at(-1)?.[3]]).toEqual([from, ...via, to]);
        const cross = (a: Point, b: Point, c: Point) => (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
        for (const [i, curve] of curves.slice(1).entries()) {
          const before = curves[i]!;
          const size = Math.hypot(curve[1].x - before[2].x, curve[1].y - before[2].y) ** 2;
          expect(Math.abs(cross(before[2], curve[0], curve[1]))).toBeLessThanOrEqual(1e-9 * size + 1e-6);
        }
      }),
    );
  });

  it("knows the stretch that a point is nearest to, and its own middle", () => {
    const curves = wireCurves({ x: 0, y: 0 }, { x: 400, y: 0 }, [{ x: 200, y: 100 }]);
    expect(nearestCurve(curves, { x: 60, y: 30 }).index).toBe(0);
    expect(nearestCurve(curves, { x: 340, y: 30 }).index).toBe(1);
    expect(middleOf(curves)).toEqual({ x: 200, y: 100 });
  });

  it("is found at its points", () => {
    const editor = chain(2);
    const [key = ""] = editor.graph.edges.keys();
    editor.edit("Bend", (t) => t.routeWire(key, [{ x: 250, y: 400 }]));
    const scene = sceneOf(editor);
    scene.rebuild();
    expect(scene.wirePointNear({ x: 253, y: 397 }, 7)).toEqual({ wire: key, index: 0 });
    expect(scene.wirePointNear({ x: 263, y: 397 }, 7)).toBeNull();
    expect(scene.wireNear({ x: 250, y: 404 }, 7)).toBe(key);
  });
});
