import type { ConditionValue, StateValue } from "@distillery/shared/graph/wires";
import { add, mul, reshape, tanh } from "@distillery/shared/onnx/ops";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel, ownLabel } from "../time/labels";
import { walk, walking } from "./walk";

const schedule = stableDiffusion();
const batch = 6;

describe("walk", () => {
  it("leaves every row on the path that single DDIM steps make", async () => {
    const stage = newStage(batch);
    const x = stateInput(stage, schedule, [1], fixedLabel(39));
    const condition: ConditionValue = {
      labels: {},
      tensors: { value: stage.graph.input("c", "float32", [batch]) },
      nullTensors: { value: stage.graph.constant(Array<number>(batch).fill(0), [batch]) },
    };
    const weights = formulaWeights((state, given) =>
      tanh(add(mul(state.x, 0.5), reshape(given!.tensors.value!, [-1, 1]))),
    );
    const settings = { guidance: "lcm", guidanceScale: 0.5, lowest: 30 };
    const out = (emit(walk, contextOf(stage, "walk"), { weights, x, condition }, settings) as { x: StateValue }).x;
    const start = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    const told = [0, 0.1, 0.2, 0.3, 0.4, 0.5];
    const { x: states, node } = await runStage(
      stage,
      { x: out.x, node: out.t.node },
      { x: start, c: told, t: Array(batch).fill(39), "random:walk.depth": [0.99, 0, 0.5, 0.2, 0.8, 0.1] },
    );
    expect(out.t.label).toMatchObject({ min: 30, max: 39 });
    // Depths floor((stratum + u/6) 10), the deepest stratum first.
    expect(node).toEqual(
      [30, 33, 33, 35, 37, 39].map((_, r) => 39 - Math.floor(((5 - r + [0.99, 0, 0.5, 0.2, 0.8, 0.1][r]!) / 6) * 10)),
    );
    start.forEach((value, row) => {
      let state = value;
      for (let n = 39; n > node[row]!; n--) {
        const [t, s] = [schedule.timestepOf(n), schedule.timestepOf(n - 1)];
        const [a, b] = [schedule.alphasCumprod[t]!, schedule.alphasCumprod[s]!];
        const net = (c: number) => Math.tanh(0.5 * state + c);
        const eps = net(told[row]!) + 0.5 * (net(told[row]!) - net(0));
        state = Math.sqrt(b) * ((state - Math.sqrt(1 - a) * eps) / Math.sqrt(a)) + Math.sqrt(1 - b) * eps;
      }
      expect(states[row]).toBeCloseTo(state, 4);
    });
  });

  it("never leaves out a row that may still move, and costs about the mean depth", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 60 }), (rows, longest) => {
        let cost = 0;
        for (let done = 0; done < longest; done++) {
          const front = walking(done, longest, rows);
          cost += front;
          for (let row = front; row < rows; row++) {
            const largest = Math.min(Math.floor(((rows - row - 1e-9) / rows) * (longest + 1)), longest);
            expect(largest).toBeLessThanOrEqual(done);
          }
        }
        expect(cost).toBeLessThanOrEqual(rows * (longest / 2) + longest + rows);
      }),
    );
  });

  it("says what is wrong with its start", () => {
    const stage = newStage(2);
    const weights = formulaWeights((state) => state.x);
    const at = (label: ReturnType<typeof fixedLabel>, suffix: string) =>
      stateInput(stage, schedule, [1], label, suffix);
    expect(() => emit(walk, contextOf(stage), { weights, x: at(ownLabel("b", "b", 3, 39), "1") })).toThrow(
      /begin at one node/,
    );
    expect(() => emit(walk, contextOf(stage), { weights, x: at(fixedLabel(2), "2") })).toThrow(/nothing to walk/);
  });
});
