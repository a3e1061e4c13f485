import { expect, it } from "vitest";
import * as plain from "../testing/plainMethod";
import { TOY, type ToyParameters, templateStep } from "../testing/templateStep";
import { templates } from ".";

/** Rows: the first index of the grid, one in the middle, the last. */
const index = [0, 17, 49];
const x0 = [0.5, -0.3, 0.9, 0.1, -0.8, 0.4];
const eps = [0.2, -1.1, 0.7, 0.3, -0.6, 1.4];
const label = [1, 0, 2];
const w = [2.5, 3, 5.5];
const student: ToyParameters = { gain: [TOY.gain], bias: [TOY.bias], label: TOY.label, w: [TOY.w] };
const average: ToyParameters = { gain: [0.25], bias: [-0.1], label: [0.3, -0.4, 0.2], w: [0.02] };

/** methods 3.2 (a): c_skip and c_out at timestep t, scale 10, sigma_data 0.5. */
const consistency = (p: ToyParameters, x: number, t: number, row: number) => {
  const tau = 10 * t;
  const cSkip = 0.25 / (tau * tau + 0.25);
  const cOut = tau / Math.sqrt(tau * tau + 0.25);
  return cSkip * x + cOut * plain.predict(p, x, t, label[row]!, w[row]).x0;
};

const { time, before } = plain.grid(50);
const loss = (p: ToyParameters) =>
  plain.meanOver(3, (row, i) => {
    const [t, prev] = [time(index[row]!), before(index[row]!)];
    const x = plain.noised(x0[i]!, eps[i]!, t);
    const stepped = plain.teacherStep(x, t, prev, label[row]!, w[row]!);
    return plain.huber(consistency(p, x, t, row) - consistency(average, stepped, prev, row));
  });

it("trains one step as methods 4.1 says: boundary form, guidance embedding, averaged target", async () => {
  const document = templates.find(({ id }) => id === "lcm")!.document;
  const draws = { "start.index": index, "start.eps": eps, "solver.guidanceScale": w };
  const step = await templateStep(
    document,
    { x0, class: label, draws, average },
    { student: { type: "model/toy", params: { trainable: true, told: true } } },
  );
  expect(step.loss).toBeCloseTo(loss(student), 5);
  const expected = plain.descended(loss, student);
  for (const [name, values] of Object.entries(expected) as [keyof ToyParameters, number[]][]) {
    for (const [i, value] of values.entries()) {
      expect(step.student[name][i]).toBeCloseTo(value, 4);
      expect(step.average![name][i]).toBeCloseTo(0.95 * average[name][i]! + 0.05 * value, 5);
    }
    // Every parameter moved, so every one was compared.
    if (name !== "label") expect(Math.abs(values[0]! - student[name][0]!)).toBeGreaterThan(1e-3);
  }
});

it("has the clean end as target, so at the first index the teacher's own state (methods 2.8)", () => {
  expect(consistency(average, 0.7, before(0), 0)).toBe(0.7);
});
