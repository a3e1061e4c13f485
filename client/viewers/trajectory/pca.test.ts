import { describe, expect, it } from "vitest";
import { principalComponents } from "./pca";

describe("principal components", () => {
  it("of points along a line are the line, whatever the space", async () => {
    const direction = Float32Array.from({ length: 3072 }, (_, i) => Math.sin(i));
    const length = Math.hypot(...direction);
    const along = [-3, -1, 0, 4];
    const { places, explained } = await principalComponents(along.map((t) => direction.map((value) => 7 + t * value)));
    expect(explained[0]).toBeCloseTo(1, 6);
    expect(explained[1]).toBeCloseTo(0, 6);
    for (const [i, t] of along.entries()) expect(places[i]![0] / length).toBeCloseTo(t, 4);
  });

  it("are numpy's", async () => {
    // u, s, vt = numpy.linalg.svd(x - x.mean(0), full_matrices=False); (u * s)[:, :2]; (s**2 / sum(s**2))[:2]; signs as ours
    const x = [
      [1, 2, 0, 1],
      [2, 1, 1, 0],
      [0, 1, 3, 2],
      [4, 0, 1, 1],
      [1, 1, 1, 5],
    ];
    const scores = [
      [-0.4825363592436515, -0.8466211214213454],
      [-1.7447282733671654, -0.6227070683712191],
      [1.3014010338779125, -1.5638030397111788],
      [-2.022277446860136, 1.6903896314300035],
      [2.9481410455930406, 1.3427415980737392],
    ];
    const { places, explained } = await principalComponents(x.map((row) => Float32Array.from(row)));
    expect(explained[0]).toBeCloseTo(0.5763540400534729, 6);
    expect(explained[1]).toBeCloseTo(0.26657089183408494, 6);
    for (const [i, [a, b]] of places.entries()) {
      expect(a).toBeCloseTo(scores[i]![0]!, 5);
      expect(b).toBeCloseTo(scores[i]![1]!, 5);
    }
  });

  it("keep distances in the plane, and pause while there is much to do", async () => {
    // Two axes hold everything: the plane is the data, turned.
    const states = [0, 1, 2, 3, 4].map((i) =>
      Float32Array.from({ length: 1e6 }, (_, k) => (k === 5 ? i * i : k === 9 ? -2 * i : 0)),
    );
    let pauses = 0;
    const { places } = await principalComponents(states, async () => {
      pauses++;
    });
    expect(pauses).toBeGreaterThan(0);
    const [a, b] = [places[0]!, places[3]!];
    expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeCloseTo(Math.hypot(9, 6), 4);
  });

  it("of equal states are one place", async () => {
    const { places, explained } = await principalComponents([new Float32Array(3).fill(2), new Float32Array(3).fill(2)]);
    expect([places, explained]).toEqual([
      [
        [0, 0],
        [0, 0],
      ],
      [0, 0],
    ]);
  });
});
