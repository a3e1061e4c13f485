import type { LossValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { fixedLabel, ownLabel, stepLabel } from "../time/labels";
import { consistency } from "./consistency";

const start = ownLabel("start", 'the start time of "Start"', 2, 39);

function pair(targetLabel = start, targetShape = [4]) {
  const stage = newStage(1);
  const schedule = stableDiffusion();
  const student = stateInput(stage, schedule, [4], start, "student");
  const target = stateInput(stage, schedule, targetShape, targetLabel, "target");
  return { stage, student, target };
}

describe("consistency distance", () => {
  it.each([
    [{ distance: "pseudo-huber" }, 0.12711627],
    [{ distance: "l2" }, 0.06252525],
    [{ distance: "l2", weight: 2 }, 0.1250505],
  ])("%j (methods 3.3)", async (params, expected) => {
    const { stage, student, target } = pair();
    const { loss } = emit(consistency, contextOf(stage), { student, target }, params) as { loss: LossValue };
    expect(loss.value.shape).toEqual([]);
    const feeds = { xstudent: [0, 0.001, -0.01, 0.5], xtarget: [0, 0, 0, 0] };
    const { value } = await runStage(stage, { value: loss.value }, { ...feeds, tstudent: [3], ttarget: [3] });
    expect(value[0]).toBeCloseTo(expected, 7);
  });

  it("refuses different times and names both", () => {
    const { stage, student, target } = pair(stepLabel(start, 1));
    expect(() => emit(consistency, contextOf(stage), { student, target })).toThrow(
      /student is at the start time of "Start" \(solver nodes 2 to 39\) and the target is at 1 solver node below the start time of "Start"/,
    );
    const fixed = pair(fixedLabel(0));
    expect(() => emit(consistency, contextOf(fixed.stage), fixed)).toThrow(
      expect.objectContaining({ code: "time-mismatch" }),
    );
  });

  it("refuses states on two schedules", () => {
    const { stage, student, target } = pair();
    const other = { ...target, t: { ...target.t, schedule: { ...target.t.schedule, id: "other" } } };
    expect(() => emit(consistency, contextOf(stage), { student, target: other })).toThrow(
      /two different noise schedules/,
    );
  });

  it("prints both shapes", () => {
    const { stage, student, target } = pair(start, [5]);
    expect(() => emit(consistency, contextOf(stage), { student, target })).toThrow(/\[1, 4\].*\[1, 5\]/);
  });
});
