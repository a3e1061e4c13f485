import { describe, expect, it } from "vitest";
import { type ExportedState, statesCsv, statesNpy } from "./trajectoryNumbers";

const state = (row: string, t: number, values: number[], shape: number[]): ExportedState => ({
  row,
  t,
  shape,
  values: Float32Array.from(values),
});

describe("the numbers of a sheet", () => {
  it("of pictures are a line a state, of points a line a point", () => {
    expect(statesCsv([state("teacher", 999, [1, 2], [1, 1, 2]), state("student", 0, [3, 4], [1, 1, 2])], 1)).toBe(
      "path,sample,t,v0,v1\r\nteacher,2,999,1,2\r\nstudent,2,0,3,4\r\n",
    );
    expect(statesCsv([state("teacher", 999, [1, 2, 3, 4], [2, 2])], 0)).toBe(
      "path,sample,t,x,y\r\nteacher,1,999,1,2\r\nteacher,2,999,3,4\r\n",
    );
  });
  it("as an array have an axis for the path and one for the time", () => {
    const states = [0, 1].flatMap((t) =>
      ["teacher", "student"].map((row, r) => state(row, t, [10 * r + t], [1, 1, 1])),
    );
    const file = statesNpy(states);
    expect(new TextDecoder().decode(file)).toContain("'shape': (2, 2, 1, 1, 1)");
    expect([...new Float32Array(file.buffer.slice(file.length - 16))]).toEqual([0, 1, 10, 11]);
    expect(() => statesNpy(states.slice(1))).toThrow("missing");
  });
});
