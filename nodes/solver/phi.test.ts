import { expect, it } from "vitest";
import { newStage, runStage } from "../testing/stage";
import { phiFunctions } from "./phi";

it("has the values of the exponential integrators' functions, also where the closed forms cancel", async () => {
  const points = [-9, -3, -1.01, -0.99, -0.1, -1e-3, 0, 0.5, 2];
  const stage = newStage(points.length);
  const z = stage.graph.input("z", "float32", [points.length]);
  const result = await runStage(stage, phiFunctions(z), { z: points });
  points.forEach((at, i) => {
    // phi_k(z) = sum_j z^j / (j + k)!, summed in float64.
    const phi = (k: number) => {
      let [sum, term] = [0, 1 / [1, 1, 2, 6][k]!];
      for (let j = 0; j < 60; j++) {
        sum += term;
        term *= at / (j + k + 1);
      }
      return sum;
    };
    expect(result.phi1[i]! / phi(1)).toBeCloseTo(1, 6);
    expect(result.phi2[i]! / phi(2)).toBeCloseTo(1, 5);
    expect(result.phi3[i]! / phi(3)).toBeCloseTo(1, 5);
  });
});
