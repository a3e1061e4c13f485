import type { HostIo, HostTensors } from "@distillery/shared/graph/node";
import { expect, it } from "vitest";
import { contextOf, emit, newStage, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { imageGrid } from "./image-grid";

it("asks for the first rows every so many steps and shows each with its time", async () => {
  const stage = newStage(3);
  const state = stateInput(stage, stableDiffusion(), [1, 1, 2]);
  const image = { x: stage.graph.input("image", "float32", [3, 1, 1, 2]) };
  emit(imageGrid, contextOf(stage, "grid"), { images: [image], states: [state] }, { rows: 2, every: 10 });
  expect(stage.hostOutputs.map(({ name, every }) => [name, every])).toEqual([
    ["image.0", 10],
    ["state.0", 10],
    ["state.0.t", 10],
  ]);
  const fetches = Object.fromEntries(stage.hostOutputs.map(({ name, output }) => [name, stage.graph.value(output)]));
  const result = await runStage(stage, fetches, { x: [1, 2, 3, 4, 5, 6], t: [39, 0, 2], image: [7, 8, 9, 10, 11, 12] });
  const values: HostTensors = Object.fromEntries(
    Object.entries(result).map(([name, data]) => [
      name,
      { dtype: "float32", shape: fetches[name]?.shape ?? [], data: Float32Array.from(data) },
    ]),
  );
  const frames: unknown[] = [];
  const io: HostIo = { step: 0, metric: () => {}, frame: (frame) => frames.push(frame), data: () => {}, log: () => {} };
  const part = await imageGrid.host?.({}, { seed: 0, batch: 3, resources: noResources, inputs: {}, feeds: {} });
  part?.after?.(0, values, io);
  const frame = (socket: string, row: number, t: number | null, column: number, shown: number[]) => ({
    socket,
    row,
    t,
    column,
    shape: [1, 1, 2],
    values: Float32Array.from(shown),
  });
  expect(frames).toEqual([
    frame("images", 0, null, 0, [7, 8]),
    frame("images", 1, null, 0, [9, 10]),
    frame("states", 0, 779, 1, [1, 2]),
    frame("states", 1, 0, 1, [3, 4]),
  ]);
});
