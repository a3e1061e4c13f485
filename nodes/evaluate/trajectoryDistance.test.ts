import type { TrajectoryData } from "@distillery/shared/graph/node";
import { describe, expect, it } from "vitest";
import { trajectoryError } from "./trajectoryDistance";

const path = (title: string, nodes: number[], states: number[][]): TrajectoryData => ({
  sampler: title,
  title,
  nodes,
  timesteps: nodes.map((n) => Math.max(0, n * 20 - 1)),
  shape: [1, 2],
  states: states.map((values) => Float32Array.from(values)),
  nfe: nodes.length - 1,
  guidanceScale: null,
  milliseconds: 0,
});
const teacher = path(
  "Teacher",
  [4, 3, 2, 1, 0],
  [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 1],
  ],
);

describe("trajectoryError", () => {
  it("is 0 for the teacher's own states", () => {
    const student = path(
      "Student",
      [4, 2, 0],
      [
        [0, 0],
        [2, 0],
        [4, 1],
      ],
    );
    expect(trajectoryError(teacher, student).error).toBe(0);
  });

  it("matches numbers made by hand", () => {
    // Distances: (2.5-2)^2 + 0.5^2 = 0.5 and 1 + 0 = 1; teacher's moves: 4 and 4 + 1 = 5; per element: halved.
    const student = path(
      "Student",
      [4, 2, 0],
      [
        [0, 0],
        [2.5, 0.5],
        [3, 1],
      ],
    );
    const { error, byTime } = trajectoryError(teacher, student);
    expect(error).toBeCloseTo(1.5 / 9, 7);
    expect(byTime).toEqual([
      { t: 39, distance: 0.25, move: 2 },
      { t: 0, distance: 0.5, move: 2.5 },
    ]);
  });

  it("refuses other starts, other shapes and times the teacher jumps over", () => {
    const moved = path(
      "Student",
      [4, 2, 0],
      [
        [0, 1e-7],
        [2, 0],
        [4, 1],
      ],
    );
    expect(() => trajectoryError(teacher, moved)).toThrow('"Student" and "Teacher" start from different states');
    const later = path(
      "Student",
      [3, 2, 0],
      [
        [1, 0],
        [2, 0],
        [4, 1],
      ],
    );
    expect(() => trajectoryError(teacher, later)).toThrow("start from different states");
    const wider = {
      ...path(
        "Student",
        [4, 0],
        [
          [0, 0],
          [4, 1],
        ],
      ),
      shape: [1, 1, 2],
    };
    expect(() => trajectoryError(teacher, wider)).toThrow("[1, 1, 2] and [1, 2]");
    const coarse = path(
      "Coarse",
      [4, 0],
      [
        [0, 0],
        [4, 1],
      ],
    );
    expect(() =>
      trajectoryError(
        coarse,
        path(
          "Student",
          [4, 2, 0],
          [
            [0, 0],
            [2, 0],
            [4, 1],
          ],
        ),
      ),
    ).toThrow("stops at timestep 39");
  });
});
