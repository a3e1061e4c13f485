import type { SamplerPlan } from "@distillery/shared/graph/node";
import type { StateValue, TimeLabel } from "@distillery/shared/graph/wires";
import { tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contextOf, newStage, runStage, stableDiffusion } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel, ownLabel } from "../time/labels";
import { sampler } from "./sampler";

const weights = formulaWeights((state) => tanh(state.x));

/** Builds the one-step graph a sampler's stage is made of. */
function build(given: Record<string, unknown>, nodes: number, label: TimeLabel) {
  const driver = sampler.sampler!;
  const params = z.record(z.string(), z.unknown()).parse(sampler.params.parse(given));
  const stage = newStage(1, "sample");
  const schedule = stableDiffusion(nodes);
  const input = (name: string) => stage.graph.input(name, "int64", [1]);
  const x: StateValue = { x: stage.graph.input("x", "float32", [1, 1]), t: { node: input("t"), label, schedule } };
  const plan: SamplerPlan = driver.plan(params, x);
  const carry = Object.fromEntries(
    Object.entries(plan.carry).map(([name, shape]) => [
      name,
      stage.graph.input(`carry.${name}`, "float32", [1, ...shape]),
    ]),
  );
  const s = { node: input("s"), label: ownLabel("s", "the loop time", 0, nodes, [label]), schedule };
  const inputs: Record<string, unknown> = { weights, x, condition: undefined };
  const stepped = driver.step(inputs as Record<string, never>, params, contextOf(stage), { s, carry });
  return { stage, plan, stepped };
}

/** Runs the step graph along the plan, as the executor does. */
async function path(given: Record<string, unknown>) {
  const states: number[] = [];
  let x = [1];
  let carry: Record<string, number[]> | undefined;
  const { plan } = build(given, 4, fixedLabel(4));
  for (let i = 1; i < plan.paths[0]!.nodes.length; i++) {
    const { stage, stepped } = build(given, 4, fixedLabel(4));
    carry ??= Object.fromEntries(Object.keys(plan.carry).map((name) => [name, [0]]));
    const feeds = Object.fromEntries(Object.entries(carry).map(([name, value]) => [`carry.${name}`, value]));
    const fetched = await runStage(
      stage,
      { ...stepped.carry, x: stepped.x.x },
      { x, t: [plan.paths[0]!.nodes[i - 1]!], s: [plan.paths[0]!.nodes[i]!], ...feeds },
    );
    ({ x, ...carry } = fetched as { x: number[] } & Record<string, number[]>);
    states.push(x[0]!);
  }
  return states;
}

describe("sampler", () => {
  it.each([
    [{ solver: "ddim", nfe: 4 }, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    [{ solver: "euler", nfe: 4 }, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    [{ solver: "dpmpp-2m", nfe: 4, lastStepToClean: true }, [1.57694269, 2.22351911, 2.67941546, 2.57352635]],
    [{ solver: "heun", nfe: 8, lastStepToClean: true }, [1.38078227, 1.86189531, 2.17534992, 1.97135308]],
  ])("%j walks the published path (methods A.3)", async (given, expected) => {
    const states = await path(given);
    expect(states).toHaveLength(4);
    states.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(5e-6);
    });
  });

  const nodesOf = (given: Record<string, unknown>, label = fixedLabel(39)) =>
    build(given, 50, label).plan.paths[0]!.nodes;

  it("plans even steps, STD's steps, and every node", () => {
    expect(nodesOf({ nfe: 4 })).toEqual([39, 29, 20, 10, 0]);
    expect(nodesOf({ nfe: 8, solver: "heun" })).toEqual([39, 29, 20, 10, 0]);
    expect(nodesOf({ nfe: 50 })).toHaveLength(40);
    expect(nodesOf({ nfe: 8, spacing: "std" })).toEqual([39, 32, 28, 23, 19, 14, 10, 5, 0]);
  });

  it("refuses starts that are not one node, and spacings that do not fit", () => {
    expect(() => nodesOf({}, ownLabel("start", 'the start time of "Start"', 2, 38))).toThrow(
      /start at one node.*the start time of "Start" \(solver nodes 2 to 38\)/,
    );
    expect(() => nodesOf({ spacing: "std" }, fixedLabel(20))).toThrow(/does not fit below the start, node 20/);
    expect(() => nodesOf({}, fixedLabel(0))).toThrow(/already at node 0/);
  });
});
