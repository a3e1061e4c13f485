/** Questions about the training step: is fusing worth it, what does the bank save, what does the gradient cost? */
import type { Plan, TrainStage } from "@distillery/shared/compile/stages";
import type { StateValue } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import type { Graph, Tensor } from "@distillery/shared/onnx/graph";
import type { Runtime, RuntimeTensor, Session } from "@distillery/shared/run/runtime";
import { StageSession } from "@distillery/shared/run/stageSession";
import { VariableStore } from "@distillery/shared/run/variables";
import { cutGraph } from "./cut";
import type { BenchRow } from "./row";
import { paired } from "./timing";

interface Bench {
  readonly plan: Plan;
  readonly train: TrainStage;
  readonly runtime: Runtime;
  /** Everything one step is fed with. */
  readonly feeds: Readonly<Record<string, RuntimeTensor>>;
  readonly variables: VariableStore;
}

export async function prepare(plan: Plan, runtime: Runtime): Promise<Bench> {
  const { train } = plan;
  if (train === null) throw new Error("The graph to measure has no trainer.");
  const variables = new VariableStore(runtime, plan.graph.document.seed);
  const session = await StageSession.create(train, runtime, variables);
  const { feeds } = await session.run(0);
  session.discard();
  await session.dispose();
  return { plan, train, runtime, feeds, variables };
}

/** The teacher's stepped state and the target's jump: where the three networks of a step meet. */
function seams({ plan, train }: Bench): { teacher: Tensor; target: Tensor } {
  const stateOf = (id: string | undefined): Tensor => {
    const value = id === undefined ? undefined : train.values.get(id)?.x;
    if (value === undefined) throw new Error("The graph to measure lacks a solver or a target jump.");
    return (value as StateValue).x;
  };
  const { order } = plan.graph;
  const solver = order.find(({ definition }) => definition.family === "solver");
  const targets = order
    .filter(({ definition }) => ["student/alias", "student/average"].includes(definition.type))
    .map(({ id }) => id);
  const jump = order.find(
    ({ definition, inputs }) =>
      definition.type === "student/jump" && targets.includes(inputs.get("weights")?.[0]?.from.node ?? ""),
  );
  return { teacher: stateOf(solver?.id), target: stateOf(jump?.id) };
}

/** What a step has to produce: the next value of every variable, and the series. */
function results({ train }: Bench): Tensor[] {
  const { builder } = train;
  const names = [
    ...[...builder.variables.values()].flatMap(({ next }) => (next === undefined ? [] : [next.name])),
    ...builder.series.map(({ output }) => output),
  ];
  return [...new Set(names)].map((name) => builder.graph.value(name));
}

async function openSession(runtime: Runtime, graph: Graph): Promise<Session> {
  return runtime.createSession(encodeModel(graph));
}

const select = (session: Session, feeds: Readonly<Record<string, RuntimeTensor>>) =>
  Object.fromEntries(session.inputs.flatMap((name) => (feeds[name] === undefined ? [] : [[name, feeds[name]]])));

/** (a) One fused session per step against teacher, target and student in sessions of their own. */
export async function fusedAgainstSeparate(bench: Bench, rounds: number): Promise<BenchRow> {
  const { train, runtime, feeds, plan } = bench;
  const { graph } = train.builder;
  const { teacher, target } = seams(bench);
  const outputs = results(bench);
  const fused = await openSession(runtime, cutGraph(graph, "fused", [], outputs));
  const pieces = [
    { given: [], outputs: [teacher] },
    { given: [teacher], outputs: [target] },
    { given: [teacher, target], outputs },
  ];
  const separate: { session: Session; fetches: string[] }[] = [];
  for (const [i, piece] of pieces.entries()) {
    const session = await openSession(runtime, cutGraph(graph, `piece${i}`, piece.given, piece.outputs));
    separate.push({ session, fetches: piece.outputs.map(({ name }) => name) });
  }
  const names = outputs.map(({ name }) => name);
  const { a, b, ratio } = await paired(
    () => fused.run(select(fused, feeds), names),
    async () => {
      let known = { ...feeds };
      for (const { session, fetches } of separate)
        known = { ...known, ...(await session.run(select(session, known), fetches)) };
    },
    rounds,
  );
  await fused.dispose();
  for (const { session } of separate) await session.dispose();
  return {
    id: "a",
    title: `fused step against teacher, target and student sessions, ${plan.graph.document.name}`,
    value: ratio,
    unit: "x",
    target: { is: "at least", value: 1.2 },
    detail: `${a.toFixed(1)} ms fused, ${b.toFixed(1)} ms separate, batch ${train.batch}`,
  };
}

/** Solver node at which the bank's paths begin. */
function startNode({ plan, train }: Bench): number {
  const bank = plan.graph.order.find(({ definition }) => definition.family === "bank");
  const value = bank && train.values.get(bank.id)?.x;
  if (value === undefined) throw new Error("The graph to measure has no bank.");
  return (value as StateValue).t.label.max;
}

/** Extra guided teacher steps that a state on the trajectory costs without the bank: mean over its indices (methods 5.4). */
export const extraSteps = (startNode: number, retireNode = 2): number => (startNode - 1 - retireNode) / 2;

/** (b) Training with the bank against integrating every state from the start by the same teacher, equal batch. */
export async function bankAgainstIntegration(bench: Bench, rounds: number, name: string): Promise<BenchRow> {
  const { train, runtime, feeds } = bench;
  const outputs = results(bench);
  const step = await openSession(runtime, cutGraph(train.builder.graph, "step", [], outputs));
  const names = outputs.map(({ name: output }) => output);
  // One more teacher step: the piece of the training graph that ends at the solver's state.
  const { teacher: stepped } = seams(bench);
  const teacher = await openSession(runtime, cutGraph(train.builder.graph, "teacher", [], [stepped]));
  const extra = Math.round(extraSteps(startNode(bench)));
  const { a, b, ratio } = await paired(
    () => step.run(select(step, feeds), names),
    async () => {
      for (let i = 0; i < extra; i++) await teacher.run(select(teacher, feeds), [stepped.name]);
      await step.run(select(step, feeds), names);
    },
    rounds,
  );
  await step.dispose();
  await teacher.dispose();
  return {
    id: "b",
    title: `steps per second with the bank against integrating from the start, ${name}`,
    value: ratio,
    unit: "x",
    target: { is: "at least", value: 3.8 },
    detail: `${a.toFixed(1)} ms with, ${b.toFixed(1)} ms without (${extra} more guided teacher steps), batch ${train.batch}`,
  };
}

/** (b) Training steps of two whole graphs in turn, as runs make them: one with a bank, one whose teacher walks to every state. */
export async function bankAgainstWalk(
  withBank: Plan,
  walking: Plan,
  runtime: Runtime,
  rounds: number,
): Promise<BenchRow> {
  const open = async ({ train, graph }: Plan) => {
    if (train === null) throw new Error("The graph to measure has no trainer.");
    const session = await StageSession.create(train, runtime, new VariableStore(runtime, graph.document.seed));
    let step = 0;
    return { run: () => session.run(step++), dispose: () => session.dispose() };
  };
  const [bank, walk] = [await open(withBank), await open(walking)];
  const { a, b, ratio } = await paired(bank.run, walk.run, rounds);
  await bank.dispose();
  await walk.dispose();
  return {
    id: "b",
    title: `steps per second with the bank against walking to every state, ${withBank.graph.document.name}`,
    value: ratio,
    unit: "x",
    target: { is: "at least", value: 3.8 },
    detail: `${a.toFixed(0)} ms with, ${b.toFixed(0)} ms without, batch ${withBank.train?.batch}`,
  };
}

/** (e) Loss and gradients against the loss alone, of the student's jump and its distance. */
export async function gradientAgainstForward(bench: Bench, rounds: number): Promise<BenchRow> {
  const { train, runtime, feeds, plan } = bench;
  const { graph } = train.builder;
  const { teacher, target } = seams(bench);
  const outputs = results(bench);
  const loss = outputs.filter(({ name }) =>
    train.builder.series.some((series) => series.output === name && series.name === "loss"),
  );
  // Teacher and target are given in both, so only the student's own work is compared.
  const given = [teacher, target];
  const known = { ...feeds };
  const before = await openSession(runtime, cutGraph(graph, "given", [], given));
  Object.assign(
    known,
    await before.run(
      select(before, feeds),
      given.map(({ name }) => name),
    ),
  );
  await before.dispose();
  const forward = await openSession(runtime, cutGraph(graph, "forward", given, loss));
  const both = await openSession(runtime, cutGraph(graph, "both", given, outputs));
  const { a, b, ratio } = await paired(
    () =>
      forward.run(
        select(forward, known),
        loss.map(({ name }) => name),
      ),
    () =>
      both.run(
        select(both, known),
        outputs.map(({ name }) => name),
      ),
    rounds,
  );
  await forward.dispose();
  await both.dispose();
  return {
    id: "e",
    title: `forward, backward and update against forward only, ${plan.graph.document.name}`,
    value: ratio,
    unit: "x",
    target: { is: "under", value: 4 },
    detail: `${a.toFixed(1)} ms forward, ${b.toFixed(1)} ms with gradient, clipping and optimiser`,
  };
}
