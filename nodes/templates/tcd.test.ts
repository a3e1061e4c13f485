import { expect, it } from "vitest";
import * as plain from "../testing/plainMethod";
import { TOY, type ToyParameters, templateStep } from "../testing/templateStep";
import { templates } from ".";

const index = [0, 17, 49];
/** Script index of the target: anywhere from 0 to the start's own, where the target is the teacher's state. */
const target = [0, 5, 49];
const x0 = [0.5, -0.3, 0.9, 0.1, -0.8, 0.4];
const eps = [0.2, -1.1, 0.7, 0.3, -0.6, 1.4];
const label = [1, 0, 1];
const w = [1.5, 3, 5.5];
const student: ToyParameters = { gain: [TOY.gain], bias: [TOY.bias], label: TOY.label, w: [TOY.w] };
const average: ToyParameters = { gain: [0.25], bias: [-0.1], label: [0.3, -0.4, 0.2], w: [0] };

const { time, before } = plain.grid(50);
const loss = (p: ToyParameters) =>
  plain.meanOver(3, (row, i) => {
    const [t, prev, s] = [time(index[row]!), before(index[row]!), before(target[row]!)];
    const x = plain.noised(x0[i]!, eps[i]!, t);
    const stepped = plain.teacherStep(x, t, prev, label[row]!, w[row]!);
    const [y, goal] = [
      plain.jumpTo(s, plain.predict(p, x, t, label[row]!)),
      plain.jumpTo(s, plain.predict(average, stepped, prev, label[row]!)),
    ];
    return (y - goal) ** 2;
  });

it("trains one step as methods 4.2 says: a jump to any node below, squared distance, averaged target", async () => {
  const document = templates.find(({ id }) => id === "tcd")!.document;
  // s = n - floor(u (n + 1)).
  const u = index.map((n, row) => (n - target[row]! + 0.5) / (n + 1));
  const draws = { "start.index": index, "start.eps": eps, "solver.guidanceScale": w, "target-time.target": u };
  const step = await templateStep(document, { x0, class: label, draws, average });
  expect(step.loss).toBeCloseTo(loss(student), 6);
  const expected = plain.descended(loss, student);
  for (const name of ["gain", "bias", "label"] as const) {
    for (const [i, value] of expected[name].entries()) {
      expect(step.student[name][i]).toBeCloseTo(value, 5);
      expect(step.average![name][i]).toBeCloseTo(0.95 * average[name][i]! + 0.05 * value, 5);
    }
    expect(Math.abs(expected[name][0]! - student[name][0]!)).toBeGreaterThan(1e-4);
  }
});
