import { expect, it } from "vitest";
import * as plain from "../testing/plainMethod";
import { TOY, type ToyParameters, templateStep } from "../testing/templateStep";
import { templates } from ".";

/** Of 250 indices: the first; t_prev = 499, a member itself; the last. The second row's condition is dropped. */
const index = [0, 125, 249];
const label = [1, 2, 0];
/** Members chosen, and how far they move toward 0: of t_prev 995 down from 875, of 499 from 499 to 251. */
const member = [0, 399, 715];
const shrink = [0.9, 0.25, 0.6];
const targets = member.map((q, row) => Math.floor((1 - 0.3 * shrink[row]!) * q));
const x0 = [0.5, -0.3, 0.9, 0.1, -0.8, 0.4];
const eps = [0.2, -1.1, 0.7, 0.3, -0.6, 1.4];
const W = 3.5;
const student: ToyParameters = { gain: [TOY.gain], bias: [TOY.bias], label: TOY.label, w: [TOY.w] };

const { time, before } = plain.grid(250);
/** The target has the student's weights of this step and no gradient. */
const loss = (p: ToyParameters) =>
  plain.meanOver(3, (row, i) => {
    const [t, prev, s] = [time(index[row]!), before(index[row]!), targets[row]!];
    const x = plain.noised(x0[i]!, eps[i]!, t);
    const stepped = plain.teacherStep(x, t, prev, label[row]!, W);
    const y = plain.jumpTo(s, plain.predict(p, x, t, label[row]!));
    return plain.huber(y - plain.jumpTo(s, plain.predict(student, stepped, prev, label[row]!)));
  });

it("trains one step as methods 4.4 says: targets of the merged set moved toward 0, constant guidance, no average", async () => {
  expect(before(125)).toBe(499);
  expect(targets).toEqual([0, 369, 586]);
  const document = templates.find(({ id }) => id === "tdd")!.document;
  // Members inside [ub - 260, ub]: of ub 499 they are 251 287 335 375 399 431 499, of ub 875 they are 627 667 715 751 ...
  const draws = {
    "start.index": index,
    "start.eps": eps,
    "target-time.target": [0.5, 4.5 / 7, 2.5 / 8],
    "target-time.shrink": shrink,
  };
  const step = await templateStep(document, { x0, class: label, draws });
  expect(step.average).toBeUndefined();
  expect(step.loss).toBeCloseTo(loss(student), 6);
  const expected = plain.descended(loss, student);
  for (const name of ["gain", "bias", "label"] as const) {
    for (const [i, value] of expected[name].entries()) expect(step.student[name][i]).toBeCloseTo(value, 4);
    expect(Math.abs(expected[name][0]! - student[name][0]!)).toBeGreaterThan(1e-4);
  }
});
