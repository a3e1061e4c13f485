import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import { grad } from "@distillery/shared/onnx/grad";
import { expand, matMul, mul, reduceMean, square } from "@distillery/shared/onnx/ops";
import { byNetwork, byNode, PROFILE, type Profile, profileSchema } from "@distillery/shared/profile/profile";
import type { EventBody } from "@distillery/shared/protocol/events";
import { executeRun } from "@distillery/shared/run/execute";
import { expect, it } from "vitest";
import { z } from "zod";
import { createNodeRuntime } from "./nodeRuntime";

const noPictures = () => Promise.reject(new Error("no files here"));
const about = { version: 1, family: "train", help: "" } as const;

const student = defineNode({
  ...about,
  type: "test/student",
  title: "Student",
  inputs: {},
  outputs: { value: wire.scalar },
  params: z.object({}),
  emit(_inputs, _params, context) {
    const init = { kind: "normal", std: 0.01 } as const;
    return { value: { value: context.variable("w", { shape: [1], init, role: "parameter" }) } };
  },
});

/** As many products of matrices of `size` as asked for, inside the scope of a network. */
const products = defineNode({
  ...about,
  type: "test/products",
  title: "Products",
  inputs: { value: wire.scalar },
  outputs: { value: wire.scalar },
  params: z.object({ size: z.number(), count: z.number() }),
  emit({ value }, { size, count }, { graph }) {
    const product = graph.scope("student", () => {
      let x = expand(value.value, [size, size]);
      for (let i = 0; i < count; i++) x = mul(matMul(x, x), 1 / size);
      return x;
    });
    return { value: { value: reduceMean(product) } };
  },
});

const trainer = defineNode({
  ...about,
  type: "test/trainer",
  title: "Trainer",
  inputs: { a: wire.scalar, b: wire.scalar },
  outputs: {},
  params: z.object({}),
  trainer: { stage: () => ({ batch: 1, steps: 8, checkpointEvery: 0, turn: "every" as const }) },
  emit({ a, b }, _params, context) {
    const loss = reduceMean(square(mul(a.value, b.value)));
    context.series("loss", loss);
    const w = context.parametersOf("student").get("w");
    if (w === undefined) throw new Error("no parameter");
    const [gradient] = grad(loss, [w]);
    if (gradient !== undefined) context.assign("w", mul(gradient, 0.1), "student");
    return {};
  },
});

const node = (id: string, type: string, params: GraphDocument["nodes"][number]["params"] = {}) => ({
  id,
  type,
  params,
  position: { x: 0, y: 0 },
});
const wired = (from: string, to: string, socket: string) => ({
  from: { node: from, socket: "value" },
  to: { node: to, socket },
});
// Some ten milliseconds a step: more than a small node takes while the machine does something else.
const HEAVY = 320;

const document: GraphDocument = {
  ...emptyDocument("products"),
  nodes: [
    node("student", "test/student"),
    node("light", "test/products", { size: 8, count: 1 }),
    node("heavy", "test/products", { size: HEAVY, count: 6 }),
    node("trainer", "test/trainer"),
  ],
  edges: [
    wired("student", "light", "value"),
    wired("student", "heavy", "value"),
    wired("light", "trainer", "a"),
    wired("heavy", "trainer", "b"),
  ],
};

async function run(asked: number): Promise<{ sha: string; profile: Profile | undefined }> {
  const events: EventBody[] = [];
  let wanted = asked;
  const takeProfile = () => {
    const steps = wanted;
    wanted = 0;
    return steps;
  };
  const summary = await executeRun(
    { runId: "r", document },
    {
      library: new NodeLibrary([student, products, trainer]),
      resources: { image: noPictures, bytes: noPictures, dataset: () => undefined, model: () => undefined },
      runtime: await createNodeRuntime("cpu"),
      sink: { event: (body) => events.push(body), frame: () => {}, checkpoint: () => {}, artifact: () => {} },
      control: { taps: [], cancelled: false, turn: () => Promise.resolve(), takeProfile },
      now: () => performance.now(),
      memory: () => 1000,
    },
  );
  expect(summary).toMatchObject({ status: "done", steps: 8 });
  const event = events.find((body) => body.type === "data" && body.name === PROFILE);
  return {
    sha: summary.weightsSha256,
    profile: event?.type === "data" ? profileSchema.parse(event.value) : undefined,
  };
}

it("finds what a step costs: the heavy node comes first, the parts fit into the whole", async () => {
  const { profile } = await run(4);
  if (profile === undefined) throw new Error("no profile");
  expect(profile.steps).toBe(4);
  const nodes = byNode(profile);
  expect(nodes[0]?.node).toBe("heavy");
  expect(nodes[0]?.backward).toBeGreaterThan(0);
  const sum = nodes.reduce((all, { total }) => all + total, 0);
  expect(sum + profile.unattributed).toBeCloseTo(profile.operations, 6);
  expect(profile.unattributed).toBeLessThan(profile.operations * 0.1);
  expect(profile.operations).toBeLessThanOrEqual(profile.session);
  expect(profile.session).toBeLessThanOrEqual(profile.wall);
  expect(byNetwork(profile).map((each) => each.node)).toEqual(["student"]);
  expect(profile.memory).toMatchObject({ process: 1000, trained: 4, carried: 0 });
  expect(profile.memory.peak).toBeGreaterThan(4 * HEAVY * HEAVY);
});

it("changes no number, and a run that ends early tells what it has", async () => {
  const plain = await run(0);
  const measured = await run(100);
  expect(plain.profile).toBeUndefined();
  expect(measured.profile?.steps).toBe(6);
  expect(measured.sha).toBe(plain.sha);
});
