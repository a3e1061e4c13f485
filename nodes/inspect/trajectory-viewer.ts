import {
  defineNode,
  type HostIo,
  type HostPart,
  pathTitle,
  picturesOf,
  type TrajectoryData,
  wire,
} from "@distillery/shared/graph/node";
import type { DatasetReader } from "@distillery/shared/graph/wires";
import { z } from "zod";
import { nearestColumns, onlyPath, placeOf } from "../evaluate/trajectoryDistance";

/** Points of the data set sent once, to draw its density under 2-D paths. */
const DENSITY_POINTS = 800;
/** Each is three lines of pictures. */
const MAX_STUDENTS = 16;

export const trajectoryViewer = defineNode({
  type: "inspect/trajectory-viewer",
  version: 1,
  title: "Trajectory viewer",
  family: "inspect",
  help:
    "Shows the PF-ODE states of the teacher, of the student and their difference, column by column along the student's sampling times, " +
    "whenever the samplers have run. 2-D paths are drawn as curves over the data set's density.",
  inputs: {
    teacher: wire.trajectory,
    student: wire.trajectory.many(),
    dataset: wire.dataset.optional().describe("2-D only: drawn as density under the paths."),
  },
  outputs: {},
  params: z.object({
    rows: z
      .number()
      .int()
      .min(1)
      .max(32)
      .default(4)
      .meta({ title: "Rows", description: "Samples of the batch to show (images)." }),
    paths: z
      .number()
      .int()
      .min(0)
      .max(256)
      .default(48)
      .meta({ title: "Paths", description: "Paths to draw as curves (2-D data)." }),
  }),
  emit({ teacher, student }, _params, context) {
    onlyPath(teacher, context);
    const count = student.reduce((sum, { paths }) => sum + paths.length, 0);
    if (count > MAX_STUDENTS) {
      context.fail(
        `${count} student paths are too many to show beside each other; wire samplers of single paths, ${MAX_STUDENTS} at most.`,
        "student",
        "many-paths",
      );
    }
    return {};
  },
  async host(params, { inputs, resources, seed }): Promise<HostPart> {
    const dataset = inputs.dataset?.[0];
    const isPlane = dataset !== undefined && "open" in dataset && dataset.sampleShape.join() === "2";
    const density = isPlane ? densityPoints(await dataset.open(resources, seed)) : null;
    let isDensitySent = false;
    return {
      async observe(trajectories, io) {
        const teacher = trajectories.teacher?.[0];
        const students = trajectories.student ?? [];
        if (teacher === undefined) return;
        if (density !== null && !isDensitySent) {
          io.data("density", density);
          isDensitySent = true;
        }
        const rows =
          students.length === 0
            ? showPath(await seen(teacher), "teacher", params.rows, io)
            : await compare(teacher, students, params.rows, io);
        io.data("rows", rows);
        if (isPath2d(teacher)) io.data("paths", drawnPaths(teacher, students, params.paths));
      },
    };
  },
});

/** A line of the viewer: which socket its frames carry and the times of its columns. */
interface ViewerRow {
  socket: string;
  title: string;
  nfe: number;
  timesteps: readonly number[];
  /** The states are not at the student's times but at the nearest ones that there are. */
  match?: "nearest";
}

const isPath2d = (path: TrajectoryData): boolean => path.shape.length === 2 && path.shape[1] === 2;

/** The first student's sockets are `teacher`, `student`, `difference`; further ones carry the student's place: `student.1`. */
async function compare(
  teacher: TrajectoryData,
  students: readonly TrajectoryData[],
  rows: number,
  io: HostIo,
): Promise<ViewerRow[]> {
  const shown: ViewerRow[] = [];
  for (const [i, student] of students.entries()) {
    const suffix = i === 0 ? "" : `.${i}`;
    const [reference, own] = [await seen(atTimesOf(student, teacher)), await seen(student)];
    const isExact = own.timesteps.every((t, k) => placeOf(t, reference.timesteps.slice(k, k + 1)) !== undefined);
    const states = own.states.map((state, k) => state.map((value, j) => value - (reference.states[k]?.[j] as number)));
    shown.push(
      ...showPath(reference, `teacher${suffix}`, rows, io).map((row) =>
        isExact ? row : { ...row, match: "nearest" as const },
      ),
      ...showPath(own, `student${suffix}`, rows, io),
      ...showPath({ ...own, title: "Difference", states }, `difference${suffix}`, rows, io),
    );
  }
  return shown;
}

/** The teacher's path where the student's stops, or nearest to there. */
function atTimesOf(student: TrajectoryData, teacher: TrajectoryData): TrajectoryData {
  const columns = nearestColumns(teacher, student);
  const { pictures } = teacher;
  return {
    ...teacher,
    nodes: student.nodes,
    timesteps: columns.map((column) => teacher.timesteps[column] as number),
    states: columns.map((column) => teacher.states[column] as Float32Array),
    ...(pictures && { pictures: { ...pictures, at: (column) => pictures.at(columns[column] as number) } }),
  };
}

/** The path with its pictures as states. */
async function seen(path: TrajectoryData): Promise<TrajectoryData> {
  const { shape, at } = picturesOf(path);
  const { pictures: _, ...rest } = path;
  const states: Float32Array[] = [];
  for (const column of path.states.keys()) states.push(await at(column));
  return { ...rest, shape, states };
}

/** One frame per shown sample and time; all points of a 2-D path share one frame per time. */
function showPath(path: TrajectoryData, socket: string, rows: number, io: HostIo): ViewerRow[] {
  const [batch = 0, ...sampleShape] = path.shape;
  path.states.forEach((state, column) => {
    const t = path.timesteps[column] ?? null;
    if (isPath2d(path)) {
      io.frame({ socket, row: 0, t, column, shape: path.shape, values: state });
      return;
    }
    const size = state.length / batch;
    for (let row = 0; row < Math.min(rows, batch); row++) {
      io.frame({ socket, row, t, column, shape: sampleShape, values: state.slice(row * size, (row + 1) * size) });
    }
  });
  return [{ socket, title: pathTitle(path), nfe: path.nfe, timesteps: path.timesteps }];
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** `[sample][column][x, y]` of the first paths. */
const curvesOf = (path: TrajectoryData, count: number): number[][][] =>
  Array.from({ length: Math.min(count, path.shape[0] ?? 0) }, (_, i) =>
    path.states.map((state) => [rounded(state[2 * i] as number), rounded(state[2 * i + 1] as number)]),
  );

function drawnPaths(teacher: TrajectoryData, students: readonly TrajectoryData[], count: number) {
  return {
    teacher: { title: teacher.title, nfe: teacher.nfe, curves: curvesOf(teacher, count) },
    students: students.map((path) => ({ title: pathTitle(path), nfe: path.nfe, curves: curvesOf(path, count) })),
  };
}

/** `[point][x, y]` from the training split. */
function densityPoints(reader: DatasetReader): number[][] {
  const point = new Float32Array(2);
  return Array.from({ length: Math.min(DENSITY_POINTS, reader.count("train")) }, (_, i) => {
    reader.read("train", i, point, 0);
    return [rounded(point[0] as number), rounded(point[1] as number)];
  });
}
