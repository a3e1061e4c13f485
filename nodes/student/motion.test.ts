import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { DatasetValue, Prediction, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { freeBatch } from "@distillery/shared/onnx/freeBatch";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf } from "@distillery/shared/onnx/graph";
import { reduceL2, reduceMean, square } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { onnxModel } from "../model/onnx";
import { perFrame } from "../model/per-frame";
import { contextOf, emit, newStage, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { buildWithUnet } from "../testing/unetFile.test-helper";
import { formulaWeights } from "../testing/weights";
import { alias } from "./alias";
import { average } from "./average";
import { lora } from "./lora";
import { motion } from "./motion";
import { unet } from "./unet";

const FRAMES = 3;
const CLIP = [FRAMES, 3, 8, 8];
const BATCH = 2;
const x = Array.from({ length: BATCH * sizeOf(CLIP) }, (_, i) => Math.sin(1.3 * i));
const state = { x, t: [20, 35] };

const weightsOf = (outputs: Readonly<Record<string, unknown>>): WeightsValue => outputs.weights as WeightsValue;
const clipState = (stage: StageBuilder): StateValue => stateInput(stage, stableDiffusion(), CLIP);

/** The file's weights, ones and zeros as they start; modules zero at their end, or all of them moved away from there. */
async function startValues(stage: StageBuilder, isMoved: boolean): Promise<Record<string, number[]>> {
  const entries = [...stage.variables].map(async ([name, { spec }]) => {
    const { init } = spec;
    const count = sizeOf(spec.shape);
    if (init.kind === "data") return [name, Array.from(await init.load(noResources))] as const;
    if (init.kind === "zeros" && !isMoved) return [name, Array<number>(count).fill(0)] as const;
    const one = init.kind === "ones" ? 1 : 0;
    return [name, Array.from({ length: count }, (_, i) => one + 0.2 * Math.sin(1 + 2.1 * i + name.length))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

interface Built {
  readonly plain: Prediction;
  readonly moved: Prediction;
  readonly weights: WeightsValue;
  readonly state: StateValue;
}

/** A file frame by frame, and the same with modules. */
const withFile = (): Promise<[StageBuilder, Built]> =>
  buildWithUnet(BATCH, (stage) => {
    const base = weightsOf(emit(onnxModel, contextOf(stage, "net"), {}, { model: "unet" }));
    const clips = clipState(stage);
    const plain = weightsOf(emit(perFrame, contextOf(stage, "frames"), { weights: base }));
    const weights = weightsOf(emit(motion, contextOf(stage, "motion"), { weights: base }));
    return { state: clips, weights, plain: plain.predict!(clips, null), moved: weights.predict!(clips, null) };
  });

describe("student/motion", () => {
  it("leaves an imported image network as it is at the start", async () => {
    const [stage, { plain, moved }] = await withFile();
    const names = [...stage.variables.keys()];
    expect(names.length).toBeGreaterThan(12);
    expect(names.every((name) => name.startsWith("motion/motion."))).toBe(true);
    const result = await runStage(
      stage,
      { plain: plain.predX0, moved: moved.predX0 },
      { ...state, ...(await startValues(stage, false)) },
    );
    expect(result.moved).toEqual(result.plain);
  });

  it("lets frames see each other once it is trained, but never other clips", async () => {
    const [stage, { moved }] = await withFile();
    const fed = await startValues(stage, true);
    const { base } = await runStage(stage, { base: moved.predX0 }, { ...state, ...fed });
    const changed = x.map((value, i) => (i < 192 ? value + 0.5 : value));
    const { other } = await runStage(stage, { other: moved.predX0 }, { ...state, ...fed, x: changed });
    const moves = (clip: number, frame: number) => {
      const from = (clip * FRAMES + frame) * 192;
      return Math.max(...base.slice(from, from + 192).map((value, i) => Math.abs(value - (other[from + i] as number))));
    };
    for (let frame = 1; frame < FRAMES; frame++) {
      expect(moves(0, frame)).toBeGreaterThan(1e-3);
      expect(moves(1, frame)).toBe(0);
    }
  });

  it("trains the modules alone; the projections at their ends learn first", async () => {
    const [stage, { moved }] = await withFile();
    const loss = reduceMean(square(moved.predX0), { keepdims: false });
    const parameters = [...stage.variables];
    const gradients = grad(
      loss,
      parameters.map(([, { tensor }]) => tensor),
    );
    const norms = Object.fromEntries(
      parameters.map(([name], i) => [name, reduceL2(gradients[i]!, { keepdims: false })]),
    );
    const atStart = await runStage(stage, norms, { ...state, ...(await startValues(stage, false)) });
    for (const [name, [norm]] of Object.entries(atStart)) {
      const isLast = /convolution\.conv|attention\.proj/.test(name);
      expect(norm, name).toBeGreaterThanOrEqual(isLast ? 1e-8 : 0);
    }
    const later = await runStage(stage, norms, { ...state, ...(await startValues(stage, true)) });
    for (const [name, [norm]] of Object.entries(later)) {
      expect(norm, name).toBeGreaterThan(0);
    }
  });

  it("can be copied without gradient, averaged and changed by a LoRA", async () => {
    const [stage, value] = await buildWithUnet(BATCH, (stage) => {
      const base = weightsOf(emit(onnxModel, contextOf(stage, "net"), {}, { model: "unet" }));
      const weights = weightsOf(emit(motion, contextOf(stage, "motion"), { weights: base }));
      const clips = clipState(stage);
      const through = (node: Parameters<typeof emit>[0], id: string) =>
        weightsOf(emit(node, contextOf(stage, id), { weights })).predict!(clips, null).predX0;
      return {
        own: weights.predict!(clips, null).predX0,
        alias: through(alias, "alias"),
        average: through(average, "average"),
        lora: through(lora, "lora"),
      };
    });
    const fed = await startValues(stage, true);
    for (const name of stage.variables.keys()) {
      const followed = name.replace(/^average\//, "motion/");
      if (name.startsWith("average/")) fed[name] = fed[followed]!;
      if (name.includes("lora_B")) fed[name] = fed[name]!.map(() => 0);
    }
    const result = await runStage(stage, value, { ...state, ...fed });
    const distance = Math.max(...result.lora.map((each, i) => Math.abs(each - (result.own[i] as number))));
    expect(result.alias).toEqual(result.own);
    expect(result.average).toEqual(result.own);
    expect(distance).toBeLessThan(1e-4);
    const names = [...stage.variables.keys()];
    expect(names.some((name) => name.startsWith("average/") && !name.startsWith("average/motion."))).toBe(false);
    expect(names.some((name) => /^lora\/motion\..*lora_A/.test(name))).toBe(true);
  });

  it("does not depend on the batch, so it can be exported", async () => {
    const network = async (batch: number) => {
      const [stage] = await buildWithUnet(batch, (stage) => {
        const base = weightsOf(emit(onnxModel, contextOf(stage, "net"), {}, { model: "unet" }));
        const { eps } = weightsOf(emit(motion, contextOf(stage, "motion"), { weights: base })).predict!(
          clipState(stage),
          null,
        );
        stage.graph.output(eps);
      });
      return stage.graph;
    };
    const free = freeBatch(await network(2), await network(3));
    expect(free.outputs[0]?.shape).toEqual([2, ...CLIP]);
  });

  it("says when a network has no place for modules", () => {
    const stage = newStage(BATCH);
    const weights = formulaWeights(({ x: each }) => square(each));
    const made = weightsOf(emit(motion, contextOf(stage), { weights }));
    expect(() => made.predict!(clipState(stage), null)).toThrow("has no residual sums");
    expect(() => made.predict!(stateInput(stage, stableDiffusion(), [3, 8, 8], undefined, "2"), null)).toThrow(
      "takes clips",
    );
  });
});

describe("student/unet on clips", () => {
  const dataset: DatasetValue = {
    id: "clips",
    title: "Clips",
    sampleShape: CLIP,
    classes: ["a", "b"],
    open: () => Promise.reject(new Error("not read")),
  };
  const settings = { width: 8, multipliers: [1, 2], heads: 2, groups: 2 };
  const build = (params: object) => {
    const stage = newStage(BATCH);
    const weights = weightsOf(emit(unet, contextOf(stage, "student"), { dataset }, { ...settings, ...params }));
    const label = stage.graph.input("class", "int64", [BATCH]);
    const condition = { labels: { class: 2 }, tensors: { class: label }, nullTensors: {} };
    return { stage, weights, prediction: weights.predict!(clipState(stage), condition) };
  };

  it("takes every frame by itself, and frames together with motion modules of its own", async () => {
    const first = x.map((value, i) => (i < 192 ? value + 0.5 : value));
    const changes: Record<string, boolean[]> = {};
    for (const motion of [false, true]) {
      const { stage, prediction } = build({ motion });
      expect(prediction.eps.shape).toEqual([BATCH, ...CLIP]);
      const fed = { ...state, class: [0, 1], ...(await startValues(stage, true)) };
      const { before } = await runStage(stage, { before: prediction.eps }, fed);
      const { after } = await runStage(stage, { after: prediction.eps }, { ...fed, x: first });
      changes[String(motion)] = Array.from({ length: BATCH * FRAMES }, (_, frame) =>
        before.slice(frame * 192, (frame + 1) * 192).some((value, i) => value !== after[frame * 192 + i]),
      );
    }
    expect(changes).toEqual({
      false: [true, false, false, false, false, false],
      true: [true, true, true, false, false, false],
    });
  });

  it("takes modules of the node, too", async () => {
    const { stage, weights } = build({});
    const clips = stateInput(stage, stableDiffusion(), CLIP, undefined, "2");
    const moved = weightsOf(emit(motion, contextOf(stage, "motion"), { weights }, { heads: 2 }));
    const predicted = moved.predict!(clips, null).eps;
    const plain = weights.predict!(clips, null).eps;
    const fed = { x2: x, t2: [20, 35], ...(await startValues(stage, false)) };
    const result = await runStage(stage, { predicted, plain }, { ...state, class: [0, 0], ...fed });
    expect(result.predicted).toEqual(result.plain);
  });
});
