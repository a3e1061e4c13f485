import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { executeRun } from "@distillery/shared/run/execute";
import type { RunSink } from "@distillery/shared/run/job";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "./stage";
import { stdGraph } from "./stdGraph";

const check = (document: GraphDocument) => validateDocument(document, library, noResources).issues;

describe("the STD graph", () => {
  it("is valid, and its samplers visit the planned nodes", () => {
    const { plan, issues } = validateDocument(stdGraph(), library, noResources);
    expect(issues).toEqual([]);
    expect(plan!.samplers.map(({ node, plan: { paths } }) => [node.id, paths[0]?.nodes.length])).toEqual([
      ["teacherPath", 40],
      ["studentPath", 5],
    ]);
  });

  it("refuses a target taken at another time than the student, on the loss", () => {
    const document = stdGraph({}, { "goal.s": "zero.s", "zero.x": "solver.x" }, [
      ["zero", "time/target", { rule: "zero" }],
    ]);
    const [issue] = check(document);
    expect(issue).toMatchObject({ code: "time-mismatch", node: "loss", socket: "target" });
    expect(issue!.message).toMatch(/student is at the target time of "Target time".*target is at solver node 0/);
  });

  it("refuses a destination later than the state, on the jump", () => {
    const document = stdGraph({}, { "target.x": "bank.x", "target2.x": "start.x", "goal.s": "target2.s" }, [
      ["target2", "time/target", { rule: "uniform" }],
    ]);
    expect(check(document)).toContainEqual(
      expect.objectContaining({ code: "time-order", node: "goal", socket: "s", severity: "error" }),
    );
  });

  it("refuses a bank that is fed its own state", () => {
    expect(check(stdGraph({}, { "bank.advanced": "bank.x" }))).toContainEqual(
      expect.objectContaining({ code: "time-order", node: "bank", socket: "advanced" }),
    );
  });

  it("refuses guidance without anything to leave out", () => {
    expect(check(stdGraph({ solver: { guidance: "lcm" } }))).toContainEqual(
      expect.objectContaining({ code: "guidance-condition", node: "solver", socket: "condition" }),
    );
  });

  const run = async (steps: number, checkpointEvery = 0, checkpoint?: Uint8Array) => {
    const saved = new Map<number, Uint8Array>();
    const sink: RunSink = {
      event: () => undefined,
      frame: () => undefined,
      artifact: () => undefined,
      checkpoint: (step, bytes) => saved.set(step, bytes),
    };
    const document = stdGraph({ trainer: { steps, batch: 128, checkpointEvery } });
    const summary = await executeRun(
      { runId: "test", document, ...(checkpoint === undefined ? {} : { checkpoint }) },
      {
        library,
        resources: noResources,
        runtime: testRuntime,
        sink,
        control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
        now: () => performance.now(),
      },
    );
    expect(summary).toMatchObject({ status: "done", steps });
    return { summary, saved };
  };

  it("trains: the student's path comes nearer to the teacher's", async () => {
    const { metrics } = (await run(150)).summary;
    expect(metrics.trajectoryErrorAfter! / metrics.trajectoryErrorBefore!).toBeLessThan(0.2);
    expect(metrics.lossLast).toBeLessThan(metrics.lossFirst!);
    expect(metrics.hitRate).toBeCloseTo(0.8, 1);
  });

  it("goes on from a checkpoint, the bank included, to the same weights", async () => {
    const whole = await run(24, 11);
    const resumed = await run(24, 0, whole.saved.get(11));
    expect(resumed.summary.weightsSha256).toBe(whole.summary.weightsSha256);
    const other = await run(23);
    expect(other.summary.weightsSha256).not.toBe(whole.summary.weightsSha256);
  });
});
