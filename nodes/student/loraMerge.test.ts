/** A LoRA worked into its base between two stages, and a fresh one trained on it. */
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument, Params } from "@distillery/shared/graph/document";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { runDocument } from "../testing/runs.test-helper";
import { noResources } from "../testing/stage";
import { stdGraph } from "../testing/stdGraph";

const RANK = 2;
const ALPHA = 3;

/** Three stages of four steps; the LoRA is worked in before those that say so. */
function staged(second: Params = { merge: ["lora"] }, third: Params = {}, first: Params = {}): GraphDocument {
  return stdGraph(
    {
      trainer: { batch: 8, learningRate: 0.01, checkpointEvery: 2 },
      student: { width: 6, depth: 2 },
      teacherPath: { nfe: 2, every: 0 },
      studentPath: { nfe: 2, every: 0 },
    },
    {
      "lora.weights": "student.weights",
      "alias.weights": "lora.weights",
      "jump.weights": "lora.weights",
      "trainer.weights": "lora.weights",
      "studentPath.weights": "lora.weights",
      "previous.teacher": "teacher.weights",
      "previous.student": "lora.weights",
      "solver.weights": "previous.weights",
      "second.before": "first.stage",
      "third.before": "second.stage",
      "trainer.stages": "third.stage",
    },
    [
      ["lora", "student/lora", { rank: RANK, alpha: ALPHA }],
      ["previous", "student/previous"],
      ["first", "train/stage", { steps: 4, ...first }],
      ["second", "train/stage", { steps: 4, ...second }],
      ["third", "train/stage", { steps: 4, ...third }],
    ],
  );
}

async function run(document: GraphDocument, checkpoint?: Uint8Array) {
  const { checkpoints, summary, events } = await runDocument(document, { checkpoint, now: () => (clock += 1000) });
  expect(summary.status).toBe("done");
  const at = (step: number) => {
    const { variables } = decodeCheckpoint(checkpoints.get(step) as Uint8Array);
    return (name: string) => variables[name] && { ...variables[name], data: [...variables[name].data].map(Number) };
  };
  const losses = Object.fromEntries(
    events.flatMap((event) => (event.type === "step" ? [[event.step, event.series["trainer.loss"]]] : [])),
  );
  return { checkpoints, summary, at, losses };
}

let clock = 0;

type At = Awaited<ReturnType<typeof run>>["at"];

/** W + alpha / rank B A of a linear layer [out, in], in plain loops. */
function sum(values: ReturnType<At>, base: string, scale = ALPHA / RANK, rank = RANK): number[] {
  const { shape, data } = values(base)!;
  const [, inputs = 0] = shape;
  const [a, b] = ["A", "B"].map((half) => values(`lora/hidden.1.lora_${half}.weight`)!.data) as [number[], number[]];
  return data.map((value, at) => {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    let change = 0;
    for (let r = 0; r < rank; r++) change += b[o * rank + r]! * a[r * inputs + i]!;
    return value + scale * change;
  });
}

const closeTo = (found: readonly number[], wanted: readonly number[]) =>
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 6);
  });

const MERGED = "lora/merged.hidden.1.weight";
const issuesOf = (document: GraphDocument) => validateDocument(document, library, noResources).issues;

describe("a LoRA worked into its base", () => {
  it("is W + alpha / rank B A, and the next LoRA begins at zero: the same network", async () => {
    const [plain, merged] = [await run(staged({})), await run(staged())];
    const end = plain.at(4);
    expect(Math.max(...end("lora/hidden.1.lora_B.weight")!.data.map(Math.abs))).toBeGreaterThan(1e-3);
    const begin = merged.at(4);
    closeTo(begin(MERGED)!.data, sum(end, "student/hidden.1.weight"));
    expect(begin("lora/hidden.1.lora_B.weight")!.data.every((value) => value === 0)).toBe(true);
    expect(begin("lora/hidden.1.lora_A.weight")!.data).not.toEqual(end("lora/hidden.1.lora_A.weight")!.data);
    // Student, target and teacher of the first step after it are what they were.
    expect(merged.losses[5]).toBeCloseTo(plain.losses[5]!, 5);
    // What the network starts from is left alone, and the base stays while the new LoRA learns.
    expect(merged.at(6)("student/hidden.1.weight")).toEqual(end("student/hidden.1.weight"));
    expect(merged.at(8)(MERGED)).toEqual(begin(MERGED));
    expect(merged.at(8)("lora/hidden.1.lora_B.weight")!.data).not.toEqual(begin("lora/hidden.1.lora_B.weight")!.data);
  });

  it("is worked in again, with the rank and alpha it was trained with", async () => {
    const overrides = { "lora.rank": 1, "lora.alpha": 5 };
    const once = await run(staged({ merge: ["lora"], overrides }, { overrides }));
    const twice = await run(staged({ merge: ["lora"], overrides }, { merge: ["lora"] }));
    closeTo(twice.at(8)(MERGED)!.data, sum(once.at(8), MERGED, 5, 1));
    expect(twice.at(8)("lora/hidden.1.lora_A.weight")!.shape[0]).toBe(RANK);
  });

  it("goes on from any checkpoint to the very same weights", async () => {
    const whole = await run(staged());
    for (const step of [4, 6, 8]) {
      const rest = await run(staged(), whole.checkpoints.get(step));
      expect(rest.summary.weightsSha256).toBe(whole.summary.weightsSha256);
      expect(rest.at(12)(MERGED)).toEqual(whole.at(12)(MERGED));
    }
  });

  it("is refused where it makes no sense", () => {
    expect(issuesOf(staged())).toEqual([]);
    const refused = (document: GraphDocument, message: RegExp) =>
      expect(issuesOf(document)).toContainEqual(
        expect.objectContaining({ code: "stage-merge", message: expect.stringMatching(message) }),
      );
    refused(staged({}, {}, { merge: ["lora"] }), /nothing was trained before the first stage/);
    refused(staged({ merge: ["student"] }), /no change of another network.*name a LoRA/);
    refused(staged({ merge: ["lora"], keep: ["previous"] }), /goes on as a copy of "LoRA"/);
  });
});
