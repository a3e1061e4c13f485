import { row, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import { z } from "zod";
import { seenThrough } from "./view";

/** "Teacher := student" between the stages of progressive distillation (methods.md 4.6, 9.3 node 16). */
export const previous = defineNode({
  type: "student/previous",
  version: 1,
  title: "Student of the stage before",
  family: "student",
  help:
    "The teacher of progressive distillation: in the first stage it is the teacher wired here, in every later one a frozen copy of " +
    "the student as the stage before left it. A LoRA's adapter is part of that copy.",
  formula: "φ ← θ between two stages",
  source: "Salimans & Ho 2022; Lin et al. 2024 (SDXL-Lightning); methods.md 4.6",
  inputs: {
    teacher: wire.weights.describe("What it is in the first stage."),
    student: wire.weights.describe("The trained network that it is a copy of afterwards."),
  },
  outputs: { weights: wire.weights },
  params: z.object({}),
  terms(inputs, _params, { define }) {
    const phi = inputs.get("teacher");
    define(phi?.expr ?? "φ", "←", row(inputs.get("student")?.expr ?? "θ", word(" of the stage before")));
    return { weights: phi };
  },
  emit({ teacher, student }, _params, context) {
    if (!student.trainable) {
      context.fail(
        `"${student.title}" is not trained, so no stage leaves a student of it; wire the trained network itself.`,
        "student",
        "not-trainable",
      );
    }
    const frozen = { title: context.title, trainable: false };
    if (context.stageIndex === 0) return { weights: seenThrough(teacher, teacher.parameters, frozen) };
    // Memory like an average's: a new stage begins without it, and so it is copied from the student once more.
    const parameters: ParameterView = (path, { shape }) =>
      context.variable(path, { shape, init: { kind: "copy", owner: student.owner, path }, role: "average" });
    return { weights: seenThrough(student, parameters, { ...frozen, owner: context.nodeId }) };
  },
});
