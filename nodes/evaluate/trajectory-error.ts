import { defineNode, type HostIo, pathTitle, type TrajectoryData, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { onlyPath, placeOf, trajectoryError } from "./trajectoryDistance";

export const trajectoryErrorNode = defineNode({
  type: "evaluate/trajectory-error",
  version: 1,
  title: "Trajectory error",
  family: "evaluate",
  help:
    "How far the student's states are from the teacher's at the student's own sampling times, from the same starts. " +
    "1 means: as far as the teacher itself moves between two of those times. The first student is the headline number.",
  formula: "sum_k |x_student(t_k) - x_teacher(t_k)|^2 / sum_k |x_teacher(t_k) - x_teacher(t_(k-1))|^2, k = 1..NFE",
  inputs: {
    teacher: wire.trajectory.describe("The reference path; it must visit every time the students visit."),
    student: wire.trajectory.many().describe("Paths to be compared, from the same starts."),
  },
  outputs: { error: wire.metric.describe("Error of the first student.") },
  params: z.object({}),
  emit({ teacher, student }, _params, context) {
    if (student.length === 0) {
      context.fail("There is no student to compare: wire a student sampler's trajectory here.", "student");
    }
    const reference = onlyPath(teacher, context);
    for (const { batch, paths } of student) {
      if (batch !== teacher.batch) {
        context.fail(
          `${batch} student paths cannot be compared with ${teacher.batch} teacher paths; give both samplers the same start.`,
          "student",
        );
      }
      const missing = paths
        .flatMap(({ timesteps }) => timesteps)
        .find((t) => placeOf(t, reference.timesteps) === undefined);
      if (missing !== undefined) {
        context.fail(
          `The student stops at timestep ${missing}, which the teacher's path jumps over; give the teacher more steps, spaced alike.`,
          "teacher",
        );
      }
    }
    return { error: { node: context.nodeId, series: "trajectoryError", title: context.title } };
  },
  host: () => ({
    observe({ teacher, student }, io) {
      const reference = teacher?.[0];
      if (reference !== undefined && student !== undefined && student.length > 0) record(reference, student, io);
    },
  }),
});

function record(teacher: TrajectoryData, students: readonly TrajectoryData[], io: HostIo): void {
  const names = new Set<string>();
  const curves = students.map((student, i) => {
    const { error, byTime } = trajectoryError(teacher, student);
    if (i === 0) io.metric("trajectoryError", error);
    const guidance = student.label === undefined || student.guidanceScale === null ? "" : `:g${student.guidanceScale}`;
    const plain = `trajectoryError@${student.nfe}${guidance}`;
    const name = names.has(plain) ? `${plain}:${student.sampler}` : plain;
    names.add(name);
    io.metric(name, error);
    return { name, title: pathTitle(student), nfe: student.nfe, byTime };
  });
  io.data("errorByTime", curves);
}
