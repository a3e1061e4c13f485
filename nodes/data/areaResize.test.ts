import { describe, expect, it } from "vitest";
import { areaResize } from "./areaResize";

const ramp = (size: number) => Float32Array.from({ length: size * size }, (_, i) => i % size);

describe("areaResize", () => {
  it("averages the area under each new pixel when shrinking, also by fractions", () => {
    expect([...areaResize(ramp(4), [1, 4, 4], 2, 2)]).toEqual([0.5, 2.5, 0.5, 2.5]);
    // A third of 4 pixels covers one and a third: (0 + 1/3) / (4/3), then (2/3 + 4/3) / (4/3), ...
    const thirds = areaResize(ramp(4), [1, 4, 4], 1, 3);
    [0.25, 1.5, 2.75].forEach((value, i) => {
      expect(thirds[i]).toBeCloseTo(value, 6);
    });
  });

  it("interpolates between pixel centres when enlarging; the border repeats", () => {
    expect([...areaResize(ramp(2), [1, 2, 2], 1, 4)]).toEqual([0, 0.25, 0.75, 1]);
  });

  it("takes a part of the picture, and every channel", () => {
    const two = Float32Array.from([...ramp(4), ...ramp(4).map((value) => -value)]);
    const box = { top: 1, left: 2, height: 2, width: 2 };
    expect([...areaResize(two, [2, 4, 4], 1, 2, box)]).toEqual([2, 3, -2, -3]);
  });

  it("leaves a picture of the right size alone", () => {
    expect(areaResize(ramp(5), [1, 5, 5], 5, 5)).toEqual(ramp(5));
  });
});
