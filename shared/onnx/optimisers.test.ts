import { describe, expect, it } from "vitest";
import fixture from "./fixtures/optimisers.json";
import { compile } from "./gradients/check.test-helper";
import { Graph, type Tensor } from "./graph";
import { adam, adamw, clipByGlobalNorm, constant, cosine, ema, type Optimiser, type Schedule, sgd } from "./optimisers";

interface Case {
  readonly optimiser: Optimiser;
  readonly schedule: Schedule;
  readonly maxNorm?: number;
}

const CASES: Record<keyof typeof fixture.cases, Case> = {
  sgd: { optimiser: sgd(), schedule: constant({ lr: 0.1 }) },
  "sgd momentum": { optimiser: sgd({ momentum: 0.9, weightDecay: 0.05 }), schedule: constant({ lr: 0.1 }) },
  "sgd nesterov": { optimiser: sgd({ momentum: 0.8, nesterov: true }), schedule: constant({ lr: 0.1 }) },
  adam: { optimiser: adam(), schedule: constant({ lr: 0.01 }) },
  "adam decay": {
    optimiser: adam({ beta1: 0.5, beta2: 0.9, eps: 1e-3, weightDecay: 0.1 }),
    schedule: constant({ lr: 0.02 }),
  },
  adamw: { optimiser: adamw(), schedule: constant({ lr: 0.01 }) },
  "adamw decay": { optimiser: adamw({ beta1: 0, beta2: 0.99, weightDecay: 0.2 }), schedule: constant({ lr: 0.05 }) },
  clipped: { optimiser: adam(), schedule: constant({ lr: 0.01 }), maxNorm: 2.5 },
  cosine: { optimiser: sgd(), schedule: cosine({ lr: 0.1, steps: 5, final: 0.01 }) },
  "warm-up": { optimiser: sgd(), schedule: constant({ lr: 0.1, warmup: 4 }) },
};

/** A graph of one update of all parameters: inputs p0, g0, m.0, ..., step; outputs in `names` order. */
async function updateModel({ optimiser, schedule, maxNorm }: Case) {
  const graph = new Graph();
  const step = graph.input("step", "float32", []);
  const lr = schedule(step);
  const params = fixture.shapes.map((shape, i) => graph.input(`p${i}`, "float32", shape));
  const raw = fixture.shapes.map((shape, i) => graph.input(`g${i}`, "float32", shape));
  const clipped = maxNorm === undefined ? null : clipByGlobalNorm(raw, maxNorm);
  const outputs: [string, Tensor][] = [["lr", lr]];
  if (clipped !== null) outputs.push(["norm", clipped.norm]);
  params.forEach((param, i) => {
    const slots = Object.fromEntries(
      optimiser.slots.map((slot) => [slot, graph.input(`${slot}.${i}`, "float32", param.shape)]),
    );
    const next = optimiser.update({ param, grad: (clipped?.grads ?? raw)[i]!, lr, step, slots });
    outputs.push([`p${i}`, next.param]);
    for (const slot of optimiser.slots) outputs.push([`${slot}.${i}`, next.slots[slot]!]);
  });
  const model = await compile(
    graph,
    outputs.map(([, tensor]) => tensor),
  );
  return { graph, model, names: outputs.map(([name]) => name) };
}

describe("optimisers", () => {
  it.each(Object.keys(CASES) as (keyof typeof CASES)[])("%s does what PyTorch does", async (name) => {
    const expected = fixture.cases[name];
    const { graph, model, names } = await updateModel(CASES[name]);
    let state: Record<string, Float32Array> = Object.fromEntries(
      graph.inputs.map((input) => [input.name, new Float32Array(input.size)]),
    );
    fixture.start.forEach((values, i) => {
      state[`p${i}`] = Float32Array.from(values);
    });
    for (const [step, grads] of fixture.grads.entries()) {
      grads.forEach((values, i) => {
        state[`g${i}`] = Float32Array.from(values);
      });
      state.step = Float32Array.of(step);
      const results = await model.run(state);
      const next = Object.fromEntries(names.map((key, i) => [key, results[i]!]));
      state = { ...state, ...next };
      expect(next.lr![0]).toBeCloseTo(expected.lr[step]!, 7);
      if (next.norm !== undefined) expect(next.norm[0]).toBeCloseTo(expected.norm[step]!, 5);
      expected.params[step]!.forEach((values, i) => {
        values.forEach((value, k) => {
          expect(Math.abs(state[`p${i}`]![k]! - value)).toBeLessThan(1e-6 + 1e-6 * Math.abs(value));
        });
      });
    }
  });

  it("share the step's scalars between parameters", async () => {
    const { graph } = await updateModel(CASES.adamw);
    expect(graph.nodes.filter((node) => node.op === "Tanh")).toHaveLength(2);
  });

  it("correct Adam's bias exactly in the first step, where 1 - beta^t would lose digits", async () => {
    const graph = new Graph();
    const [p, g, m, v] = ["p", "g", "m", "v"].map((name) => graph.input(name, "float32", [1])) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const step = graph.input("step", "float32", []);
    const update = adam({ beta2: 0.9999, eps: 1e-12 }).update({
      param: p,
      grad: g,
      lr: graph.constant([1]),
      step,
      slots: { m, v },
    });
    const model = await compile(graph, [update.param]);
    const zero = Float32Array.of(0);
    const [moved] = await model.run({ p: zero, g: Float32Array.of(3), m: zero, v: zero, step: zero });
    expect(moved![0]).toBeCloseTo(-1, 6);
  });
});

describe("schedules", () => {
  it("warm up, then follow the cosine to its end and stay there", async () => {
    const graph = new Graph();
    const step = graph.input("step", "float32", []);
    const model = await compile(graph, [cosine({ lr: 0.8, steps: 12, warmup: 4, final: 0.2 })(step)]);
    const at = async (n: number) => (await model.run({ step: Float32Array.of(n) }))[0]![0];
    expect(await at(0)).toBeCloseTo(0.2, 6);
    expect(await at(1)).toBeCloseTo(0.4, 6);
    expect(await at(4)).toBeCloseTo(0.8, 6);
    expect(await at(8)).toBeCloseTo(0.5, 6);
    expect(await at(12)).toBeCloseTo(0.2, 6);
    expect(await at(1000)).toBeCloseTo(0.2, 6);
  });
});

describe("clipByGlobalNorm", () => {
  it("leaves small gradients alone and refuses senseless limits", async () => {
    const graph = new Graph();
    const g = graph.input("g", "float32", [2]);
    const s = graph.input("s", "float32", []);
    const { grads, norm } = clipByGlobalNorm([g, s], 20);
    const model = await compile(graph, [...grads, norm]);
    const [a, b, n] = await model.run({ g: Float32Array.of(3, 4), s: Float32Array.of(12) });
    expect([...a!, ...b!, ...n!]).toEqual([3, 4, 12, 13]);
    expect(() => clipByGlobalNorm([g], 0)).toThrow("positive norm");
  });
});

describe("ema", () => {
  it("moves by 1 - decay, given as a number or a tensor", async () => {
    const graph = new Graph();
    const current = graph.input("current", "float32", [2]);
    const source = graph.input("source", "float32", [2]);
    const decay = graph.input("decay", "float32", []);
    const model = await compile(graph, [ema(current, source, 0.75), ema(current, source, decay)]);
    const feeds = { current: Float32Array.of(1, -4), source: Float32Array.of(5, 4), decay: Float32Array.of(0.5) };
    const [a, b] = await model.run(feeds);
    expect([...a!]).toEqual([2, -2]);
    expect([...b!]).toEqual([3, 0]);
  });
});
