import { describe, expect, it } from "vitest";
import { aligned, distributed } from "./alignment";

const box = (x: number, y: number, width = 100, height = 50) => ({ x, y, width, height });
const boxes = new Map([
  ["a", box(0, 0)],
  ["b", box(300, 40, 100, 150)],
  ["c", box(130, 200)],
]);
const along = (moves: Map<string, { x: number; y: number }>, axis: "x" | "y") =>
  ["a", "b", "c"].map((id) => moves.get(id)?.[axis]);

describe("aligned", () => {
  it.each([
    ["left", "x", [0, 0, 0]],
    ["centre", "x", [150, 150, 150]],
    ["right", "x", [300, 300, 300]],
    ["top", "y", [0, 0, 0]],
    ["middle", "y", [100, 50, 100]],
    ["bottom", "y", [200, 100, 200]],
  ] as const)("%s moves only along %s", (how, axis, expected) => {
    const moves = aligned(boxes, how);
    expect(along(moves, axis)).toEqual(expected);
    const other = axis === "x" ? "y" : "x";
    expect(along(moves, other)).toEqual([...boxes.values()].map((each) => each[other]));
  });
});

describe("distributed", () => {
  it("leaves equal gaps between the outermost two", () => {
    expect(along(distributed(boxes, "x"), "x")).toEqual([0, 300, 150]);
  });
  it("puts what overlaps side by side", () => {
    const crowded = new Map([
      ["a", box(0, 0)],
      ["b", box(10, 0)],
      ["c", box(20, 0)],
    ]);
    expect(along(distributed(crowded, "x"), "x")).toEqual([0, 100, 200]);
  });
});
