import type { LossValue, ParameterView, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { describe, expect, it } from "vitest";
import { average } from "../student/average";
import { seenThrough } from "../student/view";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { dino } from "./dino";
import torch from "./fixtures/dino.json";

const { batch, width, names } = torch;
const SETTINGS = { prototypes: 6, hidden: 7, bottleneck: 4, teacherTemperature: 0.06, firstTemperature: 0.06 };

/** The formula of fixtures/make_dino.py. */
const filled = (size: number, phase: number, scale: number) =>
  Array.from({ length: size }, (_, i) => scale * Math.sin(phase + 1.3 * i));

/** An encoder whose embedding is the image itself; its parameters are the head's. */
function build(params: Record<string, unknown> = {}, views = { globals: torch.globals, locals: torch.locals }) {
  const stage = newStage(batch);
  const encoder = contextOf(stage, "encoder");
  const parameters: ParameterView = (path, spec) => encoder.variable(path, { ...spec, role: "parameter" });
  const plain = formulaEncoder((images) => ({ layers: [], embedding: images }));
  const student: WeightsValue = { ...seenThrough(plain, parameters, { title: "Student", trainable: true }) };
  const { weights: teacher } = emit(average, contextOf(stage, "teacher"), { weights: student }) as {
    weights: WeightsValue;
  };
  const images = (name: string, count: number) => stage.graph.input(name, "float32", [batch * count, width]);
  const global = images("global", views.globals);
  const local = views.locals === 0 ? undefined : images("local", views.locals);
  const inputs = { student, teacher, global: { x: global }, local: local && { x: local } };
  const { loss } = emit(dino, contextOf(stage, "loss"), inputs, { ...SETTINGS, ...params }) as { loss: LossValue };
  average.absorb?.({ weights: student } as never, { decay: 0.5 }, contextOf(stage, "teacher"));
  return { stage, loss: loss.value, global, local: local as Tensor };
}

function feedsOf({ stage }: ReturnType<typeof build>): Record<string, number[]> {
  const feeds: Record<string, number[]> = { "loss/centre": filled(6, 0.2, 0.3) };
  names.forEach((name, i) => {
    const size = sizeOf(stage.variables.get(`encoder/${name}`)?.spec.shape ?? []);
    feeds[`encoder/${name}`] = filled(size, i, 0.6);
    feeds[`teacher/${name}`] = filled(size, 20 + i, 0.6);
  });
  const values = filled(batch * (torch.globals + torch.locals) * width, 0.5, 1);
  feeds.global = values.slice(0, batch * torch.globals * width);
  feeds.local = values.slice(batch * torch.globals * width);
  return feeds;
}

const near = (actual: readonly number[], wanted: readonly number[], what: string) => {
  expect(actual.length, what).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs((actual[i] as number) - value), `${what} ${i}`).toBeLessThan(3e-5 * Math.max(1, Math.abs(value)));
  });
};

describe("self-distillation loss", () => {
  it.each(torch.cases)("is PyTorch's, centring $centring, KoLeo $koleo: value, gradients, centre", async (expected) => {
    const built = build({ centring: expected.centring, koleo: expected.koleo });
    const { stage, loss, global, local } = built;
    const parameters = names.map((name) => stage.graph.value(`encoder/${name}`));
    const gradients = grad(loss, [...parameters, global, local]);
    const fetches = Object.fromEntries(gradients.map((gradient, i) => [`${i}`, gradient]));
    const series = Object.fromEntries(stage.series.map(({ name, output }) => [name, stage.graph.value(output)]));
    const centre = stage.variables.get("loss/centre")?.next;
    const wanted: Record<string, Tensor> = { loss, ...series, ...fetches };
    if (centre !== undefined) wanted.centre = centre;
    const result: Record<string, number[]> = await runStage(stage, wanted, feedsOf(built));
    near(result.loss ?? [], [expected.loss], "loss");
    names.forEach((name, i) => {
      near(result[i] ?? [], expected.gradients[name as keyof typeof expected.gradients], name);
    });
    near([...(result[names.length] ?? []), ...(result[names.length + 1] ?? [])], expected.images, "images");
    near(result.sharpness ?? [], [expected.sharpness], "sharpness");
    near(result.spread ?? [], [expected.spread], "spread");
    if (expected.centring === "mean") near(result.centre ?? [], expected.centre, "centre");
    else expect(centre).toBeUndefined();
  });

  it("gives the heads to the encoder, so that its average follows them", async () => {
    const { stage } = build();
    expect([...contextOf(stage).parametersOf("encoder").keys()].sort()).toEqual([...names].sort());
    const spec = stage.variables.get("teacher/dino.prototypes")?.spec;
    expect(spec).toMatchObject({ role: "average", init: { kind: "copy", owner: "encoder", path: "dino.prototypes" } });
    expect(stage.variables.get("teacher/dino.prototypes")?.next).toBeDefined();
  });

  it("keeps the prototypes still during the first steps, and warms the teacher up", async () => {
    const built = build({ freezePrototypes: 3, centring: "none", koleo: 0, warmup: 4, firstTemperature: 0.02 });
    const { stage, loss } = built;
    const [prototypes, bias] = grad(loss, [
      stage.graph.value("encoder/dino.prototypes"),
      stage.graph.value("encoder/dino.mlp.0.bias"),
    ]) as [Tensor, Tensor];
    const at = (step: number) => runStage(stage, { loss, prototypes, bias }, feedsOf(built), step);
    const [early, late] = [await at(2), await at(4)];
    expect(Math.max(...early.prototypes.map(Math.abs))).toBe(0);
    expect(Math.max(...early.bias.map(Math.abs))).toBeGreaterThan(1e-4);
    const expected = torch.cases.find(({ centring }) => centring === "none");
    near(late.prototypes, expected?.gradients["dino.prototypes"] ?? [], "prototypes");
    near(late.loss, [expected?.loss ?? 0], "loss");
    expect(early.loss[0]).not.toBeCloseTo(late.loss[0] as number, 4);
  });

  it("needs two views, and whole ones", () => {
    expect(() => build({}, { globals: 1, locals: 0 })).toThrow("wire at least two");
    expect(() => build({}, { globals: 4 / 3, locals: 0 })).toThrow("4 images are no whole number of views");
  });
});
