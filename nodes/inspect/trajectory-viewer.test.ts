import type { HostIo, TrajectoryData } from "@distillery/shared/graph/node";
import type { DatasetValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { noResources } from "../testing/stage";
import { trajectoryViewer } from "./trajectory-viewer";

type Frame = Parameters<HostIo["frame"]>[0];

const path = (title: string, shape: number[], nodes: number[], first: number): TrajectoryData => ({
  sampler: title,
  title,
  nodes,
  timesteps: nodes.map((n) => Math.max(0, n * 20 - 1)),
  shape,
  states: nodes.map((_, k) => new Float32Array(shape.reduce((a, b) => a * b)).fill(first + k)),
  nfe: nodes.length - 1,
  guidanceScale: null,
  milliseconds: 1,
});

async function look(trajectories: Record<string, TrajectoryData[]>, dataset?: DatasetValue, times = 1) {
  const frames: Frame[] = [];
  const data: Record<string, unknown> = {};
  const io: HostIo = {
    step: 0,
    metric: () => {},
    frame: (frame) => frames.push(frame),
    data: (name, value) => {
      if (name in data && name === "density") throw new Error("sent twice");
      data[name] = value;
    },
    log: () => {},
  };
  const inputs: Record<string, DatasetValue[]> = dataset === undefined ? {} : { dataset: [dataset] };
  const part = await trajectoryViewer.host?.(
    { rows: 2, paths: 3 },
    { seed: 0, batch: 1, resources: noResources, inputs, feeds: {} },
  );
  for (let i = 0; i < times; i++) await part?.observe?.(trajectories, io);
  return { frames, data };
}

describe("inspect/trajectory-viewer", () => {
  it("shows teacher, student and difference at the student's times, a frame per row", async () => {
    const shape = [3, 1, 2, 2];
    const teacher = path("Teacher", shape, [4, 3, 2, 1, 0], 0);
    const student = path("Student", shape, [4, 2, 0], 0);
    const { frames, data } = await look({ teacher: [teacher], student: [student] });
    expect(frames).toHaveLength(3 * 2 * 3);
    const at = (socket: string, column: number) =>
      frames.find((f) => f.socket === socket && f.row === 1 && f.column === column);
    expect(at("teacher", 1)).toMatchObject({ t: 39, shape: [1, 2, 2] });
    expect(at("teacher", 1)?.values).toEqual(new Float32Array(4).fill(2));
    expect(at("student", 2)?.values).toEqual(new Float32Array(4).fill(2));
    expect(at("difference", 2)?.values).toEqual(new Float32Array(4).fill(-2));
    expect(data.rows).toMatchObject([
      { socket: "teacher", nfe: 4, timesteps: [79, 39, 0] },
      { socket: "student", nfe: 2 },
      { socket: "difference" },
    ]);
  });

  it("takes the teacher's nearest state where it jumps over a time, and says so", async () => {
    const shape = [1, 1, 2, 2];
    const teacher = path("Teacher", shape, [40, 20, 0], 0);
    const { frames, data } = await look({ teacher: [teacher], student: [path("Student", shape, [40, 28, 0], 0)] });
    const shown = frames.find(({ socket, column }) => socket === "teacher" && column === 1);
    expect(shown).toMatchObject({ t: 399 });
    expect(shown?.values[0]).toBe(1);
    expect(data.rows).toMatchObject([{ socket: "teacher", match: "nearest", timesteps: [799, 399, 0] }, {}, {}]);
  });

  it("gives further students sockets of their own", async () => {
    const shape = [1, 1, 2, 2];
    const teacher = path("Teacher", shape, [2, 1, 0], 0);
    const students = [path("A", shape, [2, 1, 0], 0), path("B", shape, [2, 0], 0)];
    const { frames } = await look({ teacher: [teacher], student: students });
    expect(new Set(frames.map((f) => f.socket))).toEqual(
      new Set(["teacher", "student", "difference", "teacher.1", "student.1", "difference.1"]),
    );
  });

  it("sends 2-D points once per time, paths, and the density once", async () => {
    const dataset: DatasetValue = {
      id: "d",
      title: "D",
      sampleShape: [2],
      classes: [],
      open: async () => ({
        count: () => 5,
        read: (_split, i, out) => {
          out.set([i, 0.12345]);
          return { class: -1, content: -1, item: i };
        },
      }),
    };
    const teacher = path("Teacher", [4, 2], [2, 1, 0], 0.00049);
    const { frames, data } = await look(
      { teacher: [teacher], student: [path("Student", [4, 2], [2, 0], 0)] },
      dataset,
      2,
    );
    expect(frames.filter((f) => f.socket === "teacher")).toHaveLength(2 * 2);
    expect(frames[0]).toMatchObject({ row: 0, shape: [4, 2] });
    expect(data.density).toEqual([0, 1, 2, 3, 4].map((i) => [i, 0.123]));
    expect(data.paths).toMatchObject({
      teacher: {
        curves: Array(3).fill([
          [0, 0],
          [1, 1],
          [2, 2],
        ]),
      },
      students: [
        {
          title: "Student",
          curves: Array(3).fill([
            [0, 0],
            [1, 1],
          ]),
        },
      ],
    });
  });
});
