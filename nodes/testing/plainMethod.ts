/**
 * Test-only: the methods of methods.md in plain arithmetic, one sample at a time, with the index conventions of the released
 * scripts (2.8). Nothing here uses the nodes.
 */
import { LEARNING_RATE, SIZE, TOY, type ToyParameters, toyParameters } from "./templateStep";

/** abar of the bundled teacher's schedule: scaled-linear from 0.00085 to 0.006 over 1000 timesteps. */
export const ABAR: readonly number[] = (() => {
  let product = 1;
  return Array.from({ length: 1000 }, (_, t) => {
    product *= 1 - (Math.sqrt(0.00085) + ((Math.sqrt(0.006) - Math.sqrt(0.00085)) * t) / 999) ** 2;
    return product;
  });
})();
const alpha = (t: number) => Math.sqrt(ABAR[t] as number);
const sigma = (t: number) => Math.sqrt(1 - (ABAR[t] as number));

export interface Pair {
  readonly x0: number;
  readonly eps: number;
}

/** The toy network's v at (x, t), as the pair of 1.6. `label` 2 is the empty condition. */
export function predict(p: ToyParameters, x: number, t: number, label: number, w = 0): Pair {
  const v = (p.gain[0] as number) * x + (p.bias[0] as number) + (p.label[label] as number) + (p.w[0] as number) * w;
  return { x0: alpha(t) * x - sigma(t) * v, eps: alpha(t) * v + sigma(t) * x };
}

/** J(x0, eps -> s) = a_s x0 + s_s eps. */
export const jumpTo = (s: number, { x0, eps }: Pair): number => alpha(s) * x0 + sigma(s) * eps;

export const TEACHER: ToyParameters = { gain: [TOY.gain], bias: [TOY.bias], label: TOY.label, w: [0] };

/** Solver arrays of the scripts: times[i] = (i + 1) k - 1, and where one teacher step from there lands. */
export const grid = (nodes: number) => {
  const k = 1000 / nodes;
  return { time: (i: number) => (i + 1) * k - 1, before: (i: number) => (i === 0 ? 0 : i * k - 1) };
};

/** One guided DDIM step of the teacher in the LCM form, p = p_c + w (p_c - p_u) on x0 and eps separately. */
export function teacherStep(x: number, t: number, prev: number, label: number, w: number): number {
  const [c, u] = [predict(TEACHER, x, t, label), predict(TEACHER, x, t, 2)];
  return jumpTo(prev, { x0: c.x0 + w * (c.x0 - u.x0), eps: c.eps + w * (c.eps - u.eps) });
}

export const noised = (x0: number, eps: number, t: number): number => jumpTo(t, { x0, eps });
export const huber = (d: number): number => Math.sqrt(d * d + 1e-6) - 0.001;

/** mean over rows and values of `of(row, value)`. */
export const meanOver = (rows: number, of: (row: number, value: number) => number): number => {
  let sum = 0;
  for (let row = 0; row < rows; row++) for (let value = 0; value < SIZE; value++) sum += of(row, row * SIZE + value);
  return sum / (rows * SIZE);
};

/** theta - lr dL/dtheta, the gradient by central differences. */
export function descended(loss: (p: ToyParameters) => number, p: ToyParameters): ToyParameters {
  const moved = (name: keyof ToyParameters, i: number, by: number): ToyParameters => ({
    ...p,
    [name]: p[name].map((value, j) => (j === i ? value + by : value)),
  });
  const h = 1e-6;
  const slope = (name: keyof ToyParameters, i: number): number =>
    (loss(moved(name, i, h)) - loss(moved(name, i, -h))) / (2 * h);
  return toyParameters((name) => p[name].map((value, i) => value - LEARNING_RATE * slope(name, i)));
}
