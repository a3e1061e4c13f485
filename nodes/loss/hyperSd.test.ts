/** One training step of Hyper-SD on a toy U-Net, against PyTorch's restatement (fixtures/make_state_discriminator.py). */
import { expect, it } from "vitest";
import { ddim } from "../solver/ddim";
import { average } from "../student/average";
import { copy } from "../student/copy";
import { jump } from "../student/jump";
import { contextOf, runStage } from "../testing/stage";
import { expectParameters, results, sgd, slotsOf, type Toy, toy, under } from "../testing/toyStep.test-helper";
import { target } from "../time/target";
import { trainer } from "../train/trainer";
import { consistency } from "./consistency";
import fixture from "./fixtures/stateDiscriminator.json";
import { stateDiscriminator } from "./state-discriminator";

const build =
  (segments: number) =>
  ({ stage, teacher, x, condition, add }: Toy) => {
    const solver = add(
      ddim,
      "solver",
      { weights: teacher, x, condition },
      { guidance: "lcm", guidanceScale: 1, guidanceDraw: "uniform", guidanceScaleTo: 6 },
    );
    const { s } = add(target, "target", { x: solver.x }, { rule: "segment", phases: segments });
    const { weights } = add(copy, "student", { weights: teacher });
    const slow = add(average, "average", { weights }, { decay: 0.95 });
    const fake = add(jump, "jump", { weights, x, s, condition });
    const real = add(jump, "goal", { ...slow, x: solver.x, s, condition });
    const { loss } = add(consistency, "loss", { student: fake.x, target: real.x }, { distance: "l2" });
    const disc = add(
      stateDiscriminator,
      "disc",
      { weights: teacher, fake: fake.x, real: real.x, start: x, condition },
      { hooks: ["coarse"], features: "trained", head: "single", seesStart: true, loss: "bce", weight: 0.3, groups: 2 },
    );
    add(trainer, "trainer", { loss: [loss, disc.generatorLoss], weights }, sgd);
    add(trainer, "heads", { loss: [disc.discriminatorLoss], weights: disc.weights }, sgd);
    const arriving: Readonly<Record<string, unknown>> = { weights };
    average.absorb?.(arriving as Record<string, never>, { decay: 0.95 }, contextOf(stage, "average"));
    const averages = [...stage.variables].flatMap(([name, { owner, next }]) =>
      owner === "average" && next !== undefined ? [[name, next] as const] : [],
    );
    return {
      timestep: (s as { node: Parameters<typeof stage.expose>[0] }).node,
      averages: Object.fromEntries(averages),
    };
  };

it.each(fixture.hyperSd.map((step) => [step.segments, step] as const))(
  "with %i segments moves student, average and discriminator as PyTorch does",
  async (segments, expected) => {
    const { stage, timestep, averages } = await toy(build(segments));
    const { given } = expected;
    const result: Record<string, number[]> = await runStage(
      stage,
      { ...results(stage, "every"), ...averages, timestep },
      {
        ...slotsOf(stage),
        ...under("student", expected.student),
        ...under("average", expected.average),
        ...under("disc", expected.discriminator),
        x: given.x,
        t: given.node,
        class: given.class,
        "random:solver.guidanceScale": given.w.map((w) => 1 + 5 * w),
        "random:target.target": given.u,
      },
    );
    expect(result.timestep).toEqual(expected.s);
    expect(result["trainer.loss"]?.[0]).toBeCloseTo(expected.loss, 4);
    expect(result["trainer.gradNorm"]?.[0]).toBeCloseTo(expected.gradNorm, 4);
    expect(result["heads.loss"]?.[0]).toBeCloseTo(expected.discriminatorLoss, 4);
    expectParameters(result, "student", expected.studentAfter);
    expectParameters(result, "average", expected.averageAfter);
    expectParameters(result, "disc", expected.discriminatorAfter);
  },
);
