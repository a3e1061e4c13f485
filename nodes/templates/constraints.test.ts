/** The constraints of methods 9.5: a template miswired against each of them is refused, by a code of its own. */
import { validateDocument } from "@distillery/shared/compile/validate";
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { library } from "../library";
import { bundledModels } from "../models/index";
import { type Changes, rewired } from "../testing/rewire";
import { noResources, stableDiffusion } from "../testing/stage";
import { templates } from ".";

/** All bundled schedules are variance preserving; this one is not. */
const varianceExploding = defineNode({
  type: "schedule/ve",
  version: 1,
  title: "VE schedule",
  family: "schedule",
  help: "",
  inputs: {},
  outputs: { schedule: wire.schedule },
  params: z.object({}),
  emit: () => ({ schedule: { ...stableDiffusion(), id: "ve", space: "ve" as const } }),
});
const nodeLibrary = new NodeLibrary([...library.all(), varianceExploding]);
const resources = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };

const zero = { type: "time/target", params: { rule: "zero" } };
const anywhere = { type: "time/target", params: { rule: "uniform" } };

interface Row {
  readonly rule: number;
  readonly what: string;
  readonly template: string;
  readonly changes: Changes;
  readonly code: string;
  readonly node: string;
  readonly socket?: string;
  readonly message: RegExp;
}

const rows: readonly Row[] = [
  {
    rule: 1,
    what: "distance between two times",
    template: "std-style",
    changes: { nodes: { other: zero }, wires: { "other.x": "solver.x", "target-jump.s": "other.s" } },
    code: "time-mismatch",
    node: "loss",
    socket: "target",
    message: /^"Consistency distance": two states can only be compared at one time.*Wire the same s into both jumps\.$/,
  },
  {
    rule: 2,
    what: "jump to a later time",
    template: "std-style",
    changes: { nodes: { other: anywhere }, wires: { "other.x": "bank.x", "target-jump.s": "other.s" } },
    code: "time-order",
    node: "target-jump",
    socket: "s",
    message: /a state cannot move to a later time.*this state's own path/,
  },
  {
    rule: 2,
    what: "solver at the end of the path",
    template: "lcm",
    changes: {
      nodes: { after: { type: "solver/ddim" }, more: { type: "loss/consistency" } },
      wires: {
        "after.x": "student-jump.x",
        "after.weights": "teacher.weights",
        "more.student": "after.x",
        "more.target": "target-jump.x",
      },
      added: { "trainer.loss": "more.loss" },
    },
    code: "time-order",
    node: "after",
    socket: "x",
    message: /a solver steps to an earlier time, but the state is at solver node 0/,
  },
  {
    rule: 3,
    what: "circle without a delay",
    template: "tcd",
    changes: { wires: { "solver.x": "student-jump.x" } },
    code: "cycle",
    node: "solver",
    message: /feed each other in a circle: .*"DDIM step of the teacher".*Only a delayed input/,
  },
  {
    rule: 4,
    what: "student as its own teacher",
    template: "tcd",
    changes: { wires: { "solver.weights": "student.weights" } },
    code: "not-frozen",
    node: "solver",
    socket: "weights",
    message:
      /^"DDIM step of the teacher" needs weights that stay as they are, but "Student, from the teacher's weights" is trained/,
  },
  {
    rule: 4,
    what: "trained average",
    template: "tcd",
    changes: { wires: { "trainer.weights": "target-network.weights" } },
    code: "not-trainable",
    node: "trainer",
    socket: "weights",
    message: /"Moving average \(EMA\)" cannot be trained/,
  },
  {
    rule: 4,
    what: "no student in the distance",
    template: "tcd",
    changes: { wires: { "loss.student": "target-jump.x" } },
    code: "no-gradient",
    node: "trainer",
    socket: "loss",
    message: /does not depend on the weights of "Student/,
  },
  {
    rule: 4,
    what: "two students",
    template: "tcd",
    changes: {
      nodes: {
        second: { type: "student/copy" },
        jump: { type: "student/jump" },
        distance: { type: "loss/consistency" },
        training: { type: "train/trainer" },
      },
      wires: {
        "second.weights": "teacher.weights",
        "jump.weights": "second.weights",
        "jump.x": "start.x",
        "jump.s": "target-time.s",
        "jump.condition": "start.condition",
        "distance.student": "jump.x",
        "distance.target": "target-jump.x",
        "training.loss": "distance.loss",
        "training.weights": "second.weights",
      },
    },
    code: "many-students",
    node: "training",
    socket: "weights",
    message:
      /^A graph trains one student, but "Student trainer" trains .* and "Trainer" trains "Student from a teacher"/,
  },
  {
    rule: 5,
    what: "network of another space",
    template: "tcd",
    changes: { nodes: { ve: { type: "schedule/ve" } }, wires: { "teacher.schedule": "ve.schedule" } },
    code: "space-mismatch",
    node: "solver",
    socket: "weights",
    message: /made for variance exploding, the state is variance preserving/,
  },
  {
    rule: 6,
    what: "start beyond the grid",
    template: "std-style",
    changes: { params: { start: { eta: 1 } } },
    code: "start-range",
    node: "start",
    message: /starts at index 50, beyond the last one \(49\).*at most 0\.98/,
  },
  {
    rule: 6,
    what: "bank that retires every path at once",
    template: "std-style",
    changes: { params: { bank: { retireNode: 38 } } },
    code: "start-range",
    node: "bank",
    socket: "x",
    message: /retire at node 38 after one step, so nothing would ever be stored/,
  },
  {
    rule: 7,
    what: "window below node 0",
    template: "tcd",
    changes: { params: { "target-time": { rule: "window" } } },
    code: "time-range",
    node: "target-time",
    socket: "x",
    message: /may already be node 0\. Start higher, or choose the rule uniform/,
  },
  {
    rule: 8,
    what: "weights read as another prediction",
    template: "lcm",
    changes: { params: { schedule: { predictionType: "epsilon" } } },
    code: "prediction-type",
    node: "student",
    socket: "weights",
    message:
      /puts out v_prediction, but the schedule reads the same weights here as epsilon, and nothing converts them/,
  },
  {
    rule: 9,
    what: "epsilon at zero SNR",
    template: "tcd",
    changes: { params: { schedule: { predictionType: "epsilon", zeroTerminalSnr: true } } },
    code: "zero-snr",
    node: "start",
    socket: "schedule",
    message: /zero terminal SNR and epsilon prediction, which is undefined at its last node/,
  },
  {
    rule: 10,
    what: "sampling from above the trained start",
    template: "std-style",
    changes: { params: { "held-out-start": { eta: 0.95 } } },
    code: "start-above-training",
    node: "student-8",
    socket: "x",
    message:
      /^"Student, NFE 8" starts at timestep 979, but "Student, from the teacher's weights" is trained from timestep 779 down only/,
  },
  {
    rule: 11,
    what: "turns without a discriminator",
    template: "tcd",
    changes: { params: { trainer: { turn: "odd" } } },
    code: "parity-needs-discriminator",
    node: "trainer",
    message:
      /^"Student trainer" takes the odd turns, but no trainer takes the even ones: a student and a discriminator alternate/,
  },
];

const issuesOf = ({ template, changes }: Pick<Row, "template" | "changes">) => {
  const document = templates.find(({ id }) => id === template)?.document;
  if (document === undefined) throw new Error(`no template ${template}`);
  return validateDocument(rewired(document, changes), nodeLibrary, resources).issues;
};

describe.each(rows)("rule $rule, $what", (row) => {
  it(`is refused as "${row.code}" at ${row.node}, in words`, () => {
    const { code, node, socket, message } = row;
    const found = issuesOf(row).filter((issue) => issue.code === code && issue.node === node);
    expect(found[0]).toMatchObject({
      severity: "error",
      message: expect.stringMatching(message),
      ...(socket && { socket }),
    });
    // Everything refused hangs on this: no other rule speaks up.
    expect(new Set(issuesOf(row).map((issue) => issue.code))).toEqual(new Set([code]));
  });
});

it("has a code for each rule that no other rule uses", () => {
  const rulesOf = new Map<string, Set<number>>();
  for (const { code, rule } of rows) rulesOf.set(code, (rulesOf.get(code) ?? new Set()).add(rule));
  for (const rules of rulesOf.values()) expect(rules.size).toBe(1);
});

it("leaves the unchanged templates alone", () => {
  for (const template of ["lcm", "tcd", "tdd", "std-style"]) expect(issuesOf({ template, changes: {} })).toEqual([]);
});
