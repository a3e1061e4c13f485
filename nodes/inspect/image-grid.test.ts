import type { HostIo, HostTensors } from "@distillery/shared/graph/node";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { imageGrid } from "./image-grid";
import { mosaic } from "./mosaic";

type Frame = Parameters<HostIo["frame"]>[0];

async function shown(values: HostTensors): Promise<Frame[]> {
  const frames: Frame[] = [];
  const io: HostIo = { step: 0, metric: () => {}, frame: (frame) => frames.push(frame), data: () => {}, log: () => {} };
  const part = await imageGrid.host?.({}, { seed: 0, batch: 3, resources: noResources, inputs: {}, feeds: {} });
  part?.after?.(0, values, io);
  return frames;
}

describe("inspect/image-grid", () => {
  it("asks for the first samples every so many steps and shows a line for each wire", async () => {
    const stage = newStage(3);
    const state = stateInput(stage, stableDiffusion(), [1, 1, 2]);
    const image = { x: stage.graph.input("image", "float32", [3, 1, 1, 2]) };
    emit(imageGrid, contextOf(stage, "grid"), { images: [image], states: [state] }, { rows: 2, every: 10 });
    expect(stage.hostOutputs.map(({ name, every }) => [name, every])).toEqual([
      ["image.0", 10],
      ["state.0", 10],
    ]);
    const fetches = Object.fromEntries(stage.hostOutputs.map(({ name, output }) => [name, stage.graph.value(output)]));
    const result = await runStage(stage, fetches, {
      x: [1, 2, 3, 4, 5, 6],
      t: [39, 0, 2],
      image: [7, 8, 9, 10, 11, 12],
    });
    const values: HostTensors = Object.fromEntries(
      Object.entries(result).map(([name, data]) => [
        name,
        { dtype: "float32", shape: fetches[name]?.shape ?? [], data: Float32Array.from(data) },
      ]),
    );
    expect(await shown(values)).toEqual([
      {
        socket: "images",
        row: 0,
        t: null,
        column: 0,
        shape: [1, 3, 5],
        values: Float32Array.of(7, 8, 0, 9, 10, 0, 0, 0, 0, 0, 1, 2, 0, 3, 4),
      },
    ]);
  });

  it("shows the points of a batch together", async () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect(await shown({ "state.0": { dtype: "float32", shape: [2, 2], data } })).toEqual([
      { socket: "states", row: 0, t: null, column: 0, shape: [2, 2], values: data },
    ]);
  });
});

describe("mosaic", () => {
  it("brings grey and coloured pictures of different sizes together", () => {
    const { shape, values } = mosaic([
      { shape: [1, 1, 1], pictures: [Float32Array.of(0.5)] },
      { shape: [4, 1, 2], pictures: [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)] },
    ]);
    expect(shape).toEqual([3, 3, 2]);
    expect([...values]).toEqual([0.5, 0, 0, 0, 1, 2, 0.5, 0, 0, 0, 3, 4, 0.5, 0, 0, 0, 5, 6]);
  });
});
