import type { HostIo, TrajectoryData } from "@distillery/shared/graph/node";
import type { TrajectoryValue } from "@distillery/shared/graph/wires";
import { expect, it } from "vitest";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { trajectoryErrorNode } from "./trajectory-error";

const path = (sampler: string, nodes: number[], values: number[]): TrajectoryData => ({
  sampler,
  title: sampler,
  nodes,
  timesteps: nodes,
  shape: [1, 1],
  states: values.map((value) => Float32Array.of(value)),
  nfe: nodes.length - 1,
  guidanceScale: null,
  milliseconds: 0,
});

it("records the first student's error, and every student's by its evaluations", async () => {
  const metrics: Record<string, number> = {};
  const data: Record<string, unknown> = {};
  const io: HostIo = {
    step: 0,
    metric: (name, value) => {
      metrics[name] = value;
    },
    frame: () => {},
    data: (name, value) => {
      data[name] = value;
    },
    log: () => {},
  };
  const part = await trajectoryErrorNode.host?.(
    {},
    { seed: 0, batch: 1, resources: noResources, inputs: {}, feeds: {} },
  );
  const teacher = path("teacher", [4, 3, 2, 1, 0], [0, 1, 2, 3, 4]);
  const students = [path("a", [4, 2, 0], [0, 1, 4]), path("b", [4, 0], [0, 2]), path("c", [4, 0], [0, 4])];
  part?.observe?.({ teacher: [teacher], student: students }, io);
  expect(metrics).toEqual({
    trajectoryError: 1 / 8,
    "trajectoryError@2": 1 / 8,
    "trajectoryError@1": 4 / 16,
    "trajectoryError@1:c": 0,
  });
  expect(data.errorByTime).toMatchObject([
    {
      nfe: 2,
      byTime: [
        { t: 2, distance: 1, move: 4 },
        { t: 0, distance: 0 },
      ],
    },
    {},
    {},
  ]);
});

it("refuses paths that cannot be compared before anything runs", () => {
  const value = (timesteps: number[], batch = 4): TrajectoryValue => ({
    sampler: "s",
    sampleShape: [2],
    paths: [{ timesteps }],
    batch,
  });
  const check = (student: TrajectoryValue[]) =>
    emit(trajectoryErrorNode, contextOf(newStage(1)), { teacher: value([4, 2, 0]), student });
  expect(check([value([4, 0])])).toMatchObject({ error: { series: "trajectoryError" } });
  expect(() => check([])).toThrow("no student");
  expect(() => check([value([4, 1, 0])])).toThrow("timestep 1, which the teacher's path jumps over");
  expect(() => check([value([4, 0], 8)])).toThrow("8 student paths cannot be compared with 4");
});
