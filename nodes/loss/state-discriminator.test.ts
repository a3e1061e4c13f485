/** One training step of PCM and of SDXL-Lightning on a toy U-Net, against PyTorch's restatement (fixtures/make_state_discriminator.py). */
import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { ConditionValue, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { describe, expect, it } from "vitest";
import { ddim } from "../solver/ddim";
import { alias } from "../student/alias";
import { copy } from "../student/copy";
import { jump } from "../student/jump";
import { lora } from "../student/lora";
import { farthest } from "../testing/farthest";
import { contextOf, noResources, runStage } from "../testing/stage";
import { expectParameters, results, sgd, slotsOf, type Toy, toy, under } from "../testing/toyStep.test-helper";
import { formulaWeights } from "../testing/weights";
import { noiseTravelNode } from "../time/noise-travel";
import { target } from "../time/target";
import { trainer } from "../train/trainer";
import { consistency } from "./consistency";
import fixture from "./fixtures/stateDiscriminator.json";
import { stateDiscriminator } from "./state-discriminator";

describe("a training step of PCM", () => {
  const { pcm } = fixture;
  const build = ({ teacher, x, condition, add }: Toy) => {
    const solver = add(
      ddim,
      "solver",
      { weights: teacher, x, condition },
      { guidance: "lcm", guidanceScale: 4, guidanceDraw: "uniform", guidanceScaleTo: 5 },
    );
    const { s } = add(target, "target", { x: solver.x }, { rule: "phases", eta: 1, phases: 4 });
    const { weights } = add(copy, "student", { weights: teacher });
    const frozen = add(alias, "alias", { weights });
    const fake = add(jump, "jump", { weights, x, s, condition });
    const real = add(jump, "goal", { ...frozen, x: solver.x, s, condition }, { parameterisation: "edge" });
    const { loss } = add(consistency, "loss", { student: fake.x, target: real.x });
    const noisedFake = add(noiseTravelNode, "fake", { x: fake.x }, { reach: 250 });
    const noisedReal = add(noiseTravelNode, "real", { x: real.x, t: noisedFake.t });
    const disc = add(
      stateDiscriminator,
      "disc",
      { weights: teacher, fake: noisedFake.x, real: noisedReal.x, condition },
      { hooks: ["fine", "coarse"], groups: 2 },
    );
    add(trainer, "trainer", { loss: [loss, disc.generatorLoss], weights }, { ...sgd, turn: "odd" });
    add(trainer, "heads", { loss: [disc.discriminatorLoss], weights: disc.weights }, { ...sgd, turn: "even" });
    return { s: (s as { node: Tensor }).node, u: (noisedFake.t as { node: Tensor }).node };
  };
  const feedsOf = ({ given }: (typeof pcm.turns)[number]) => ({
    x: given.x,
    t: given.node,
    class: given.class,
    "random:solver.guidanceScale": given.w.map((w) => 4 + w),
    "random:fake.u": given.u,
    "random:fake.noise": given.zFake,
    "random:real.noise": given.zReal,
  });

  it("moves the discriminator in the even turn and the student in the odd one, as PyTorch does", async () => {
    const { stage, s, u } = await toy(build);
    const [even, odd] = pcm.turns as [(typeof pcm.turns)[number], (typeof pcm.turns)[number]];
    const start = { ...slotsOf(stage), ...under("student", pcm.student), ...under("disc", pcm.discriminator) };

    const first: Record<string, number[]> = await runStage(
      stage,
      { ...results(stage, "even"), s, u },
      { ...start, ...feedsOf(even) },
    );
    expect([first.s, first.u]).toEqual([even.s, even.u]);
    expect(first["heads.loss"]?.[0]).toBeCloseTo(even.discriminatorLoss, 5);
    expect(first["heads.gradNorm"]?.[0]).toBeCloseTo(even.gradNorm, 5);
    expectParameters(first, "disc", pcm.discriminatorAfter);
    // The student takes no part in it.
    expect(Object.keys(first).some((name) => name.startsWith("student/"))).toBe(false);

    const second: Record<string, number[]> = await runStage(
      stage,
      { ...results(stage, "odd"), s, u },
      { ...start, ...under("disc", pcm.discriminatorAfter), ...feedsOf(odd) },
    );
    expect([second.s, second.u]).toEqual([odd.s, odd.u]);
    expect(second["trainer.loss"]?.[0]).toBeCloseTo(odd.loss, 5);
    expect(second["trainer.gradNorm"]?.[0]).toBeCloseTo(odd.gradNorm, 5);
    expectParameters(second, "student", pcm.studentAfter);
    expect(Object.keys(second).some((name) => name.startsWith("disc/"))).toBe(false);
  });

  it("trains nothing but the student and the heads", async () => {
    const { stage } = await toy(build);
    const trained = [...stage.variables.values()].filter(({ spec }) => spec.role === "parameter");
    expect(new Set(trained.map(({ owner }) => owner))).toEqual(new Set(["student", "disc"]));
    expect(trained.filter(({ owner, path }) => owner === "disc" && !path.startsWith("heads."))).toEqual([]);
  });
});

describe("a training step of SDXL-Lightning", () => {
  const build =
    (seesStart: boolean) =>
    ({ teacher, x, condition, add }: Toy) => {
      const real = add(ddim, "solver", { weights: teacher, x, condition }, { steps: 3 });
      const { s } = add(target, "target", { x: real.x }, { rule: "teacher" });
      const { weights } = add(copy, "student", { weights: teacher });
      const fake = add(jump, "jump", { weights, x, s, condition });
      const disc = add(
        stateDiscriminator,
        "disc",
        { weights: teacher, fake: fake.x, real: real.x, start: x, condition },
        { hooks: ["coarse"], features: "trained", head: "single", seesStart, loss: "bce", weight: 1, groups: 2 },
      );
      add(trainer, "trainer", { loss: [disc.generatorLoss], weights }, sgd);
      add(trainer, "heads", { loss: [disc.discriminatorLoss], weights: disc.weights }, sgd);
      return { fake: (fake.x as StateValue).x };
    };

  it.each([
    ["conditional", true],
    ["unconditional", false],
  ] as const)("with the %s discriminator moves both as PyTorch does", async (which, seesStart) => {
    const expected = fixture.lightning[which];
    const { stage } = await toy(build(seesStart));
    const { given } = expected;
    const result: Record<string, number[]> = await runStage(stage, results(stage, "every"), {
      ...slotsOf(stage),
      ...under("student", expected.student),
      ...under("disc", expected.discriminator),
      x: given.x,
      t: given.node,
      class: given.class,
    });
    expect(result["trainer.loss"]?.[0]).toBeCloseTo(expected.generatorLoss, 5);
    expect(result["trainer.gradNorm"]?.[0]).toBeCloseTo(expected.gradNorm, 4);
    expect(result["heads.loss"]?.[0]).toBeCloseTo(expected.discriminatorLoss, 5);
    expect(result["heads.gradNorm"]?.[0]).toBeCloseTo(expected.discriminatorGradNorm, 4);
    expectParameters(result, "student", expected.studentAfter);
    expectParameters(result, "disc", expected.discriminatorAfter);
  });

  it("starts the trained features with the teacher's weights", async () => {
    const { stage } = await toy(build(true));
    const init = stage.variables.get("disc/features.coarse.conv.weight")?.spec.init;
    if (init?.kind !== "data") throw new Error("not from the file");
    expect(farthest([...(await init.load(noResources))], fixture.teacher["coarse.conv.weight"].data)).toBeLessThan(
      1e-6,
    );
  });
});

describe("loss/state-discriminator", () => {
  const attempt = (change: (toy: Toy) => { inputs?: object; params?: object }) =>
    toy((given) => {
      const { x, teacher, condition, add } = given;
      const { inputs, params } = change(given);
      return add(
        stateDiscriminator,
        "disc",
        { weights: teacher, fake: x, real: x, condition, ...inputs },
        { hooks: ["coarse"], ...params },
      ) as object;
    });

  it("refuses what it cannot compare or look into", async () => {
    await expect(attempt(() => ({ params: { hooks: ["middle"] } }))).rejects.toThrow(
      '"toy.onnx" has nothing called "middle" to hook',
    );
    await expect(attempt(() => ({ inputs: { weights: formulaWeights((s) => s.x) } }))).rejects.toThrow(
      'the layers of "Teacher" cannot be looked into',
    );
    await expect(attempt(() => ({ params: { seesStart: true } }))).rejects.toThrow(
      expect.objectContaining({ socket: "start" }),
    );
    const later = ({ x, teacher, condition, add }: Toy) => ({
      inputs: { real: add(ddim, "solver", { weights: teacher, x, condition }).x },
    });
    await expect(attempt(later)).rejects.toThrow("can only be told apart at one time");
  });

  it("takes no gradient into a network that is looked into as it is", async () => {
    const { stage, loss } = await toy(({ teacher, x, condition, add }) => {
      const { weights } = add(copy, "student", { weights: teacher });
      const disc = add(stateDiscriminator, "disc", { weights, fake: x, real: x, condition }, { hooks: ["coarse"] });
      return { loss: (disc.generatorLoss as { value: Tensor }).value };
    });
    const parameters = [...contextOf(stage).parametersOf("student").values()];
    expect(parameters.length).toBeGreaterThan(0);
    const gradients = grad(loss, parameters);
    const result: Record<string, number[]> = await runStage(
      stage,
      Object.fromEntries(gradients.map((gradient, i) => [String(i), gradient])),
      { ...slotsOf(stage), x: Array(96).fill(0.3), t: [9, 20, 40], class: [0, 1, 1] },
    );
    expect(new Set(Object.values(result).flat())).toEqual(new Set([0]));
  });

  it("looks into a LoRA as into the network it changes, with its change", async () => {
    const { stage, teacher, student } = await toy(({ teacher: network, x, condition, add }) => {
      const { weights } = add(lora, "student", { weights: network }, { rank: 2 }) as { weights: WeightsValue };
      const layer = ({ features }: WeightsValue) => features!(x, condition as ConditionValue, ["coarse"])[0] as Tensor;
      return { teacher: layer(network), student: layer(weights) };
    });
    const fed = { ...slotsOf(stage), x: Array(96).fill(0.3), t: [9, 20, 40], class: [0, 1, 1] };
    const same = await runStage(stage, { teacher, student }, fed);
    expect(farthest(same.student, same.teacher)).toBeLessThan(1e-6);
    const changes = [...stage.variables.keys()].filter((name) => name.startsWith("student/"));
    const ones = Object.fromEntries(
      changes.map((name) => [name, (fed as Record<string, number[]>)[name]!.map(() => 0.5)]),
    );
    const other = await runStage(stage, { teacher, student }, { ...fed, ...ones });
    expect(farthest(other.student, other.teacher)).toBeGreaterThan(0.01);
  });

  it("asks nothing of the student before the start step, and averages over the heads", async () => {
    const given = await attempt(() => ({ params: { startStep: 5, headsPerLayer: 3, weight: 1, groups: 2 } }));
    const { stage, generatorLoss, discriminatorLoss } = given as unknown as {
      stage: StageBuilder;
      generatorLoss: { value: Tensor };
      discriminatorLoss: { value: Tensor };
    };
    // Heads of zeros but for the last bias: their logits are -1, 2 and 0.5 everywhere.
    const feeds: Record<string, number[]> = {
      ...slotsOf(stage),
      x: Array(96).fill(0.3),
      t: [9, 20, 40],
      class: [0, 1, 1],
    };
    [-1, 2, 0.5].forEach((logit, k) => {
      feeds[`disc/heads.0.${k}.out.bias`] = [logit];
    });
    const fetches = { g: generatorLoss.value, d: discriminatorLoss.value };
    const before = await runStage(stage, fetches, feeds, 4);
    const after = await runStage(stage, fetches, feeds, 5);
    expect(before.g[0]).toBe(0);
    expect(after.g[0]).toBeCloseTo((2 + 0 + 0.5) / 3, 6);
    expect(after.d[0]).toBeCloseTo((2 + 0 + (0 + 3) + (0.5 + 1.5)) / 3, 6);
  });
});
