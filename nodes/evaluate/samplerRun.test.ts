/** Paths along other times than the solver nodes, in a whole run: their states, their errors, and what looks at them. */
import { validateDocument } from "@distillery/shared/compile/validate";
import type { Params } from "@distillery/shared/graph/document";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { runDocument } from "../testing/runs.test-helper";
import { noResources } from "../testing/stage";
import { stdGraph } from "../testing/stdGraph";

const document = (teacher: Params, student: Params) =>
  stdGraph(
    {
      trainer: { steps: 1, batch: 4 },
      teacherPath: { batch: 4, every: 0, ...teacher },
      studentPath: { batch: 4, every: 0, ...student },
    },
    { "viewer.teacher": "teacherPath.trajectory", "viewer.student": "studentPath.trajectory" },
    [["viewer", "inspect/trajectory-viewer"]],
  );

const pathsOf = (teacher: Params, student: Params) =>
  validateDocument(document(teacher, student), library, noResources).plan!.samplers.map(
    ({ plan }) => plan.paths[0]!.timesteps,
  );

describe("paths between solver nodes", () => {
  it("are compared where they visit the same times, and shown at them", async () => {
    const teacher = { nfe: 20, solver: "dpmpp-2m", spacing: "trailing" };
    const student = { nfe: 10, solver: "unipc", spacing: "trailing", lastStepToClean: true };
    expect(pathsOf(teacher, student)[1]).toEqual([779, 701, 623, 545, 467, 389, 311, 233, 155, 77, 0]);
    const { summary, events, frames } = await runDocument(document(teacher, student));
    expect(summary.status).toBe("done");
    const errors = events.flatMap((event) =>
      event.type === "metric" && event.node === "error" && event.name === "trajectoryError" ? [event.value] : [],
    );
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toBeGreaterThan(0);
    const shown = events.find((event) => event.type === "data" && event.node === "viewer" && event.name === "rows");
    expect(shown).toMatchObject({
      value: [
        { socket: "teacher" },
        { socket: "student", nfe: 10, timesteps: [779, 701, 623, 545, 467, 389, 311, 233, 155, 77, 0] },
        {},
      ],
    });
    expect(frames.get("viewer student 0 10")).toHaveLength(8);
  });

  it("nest for Karras' curves of twice as many intervals", () => {
    const karras = { solver: "heun", spacing: "linspace", sigmas: "karras", lastStepToClean: true };
    const { issues } = validateDocument(document({ ...karras, nfe: 37 }, { ...karras, nfe: 19 }), library, noResources);
    expect(issues).toEqual([]);
  });

  it("are refused where they do not", () => {
    const { issues } = validateDocument(
      document({ nfe: 20, spacing: "trailing" }, { nfe: 8, spacing: "linspace" }),
      library,
      noResources,
    );
    expect(issues).toMatchObject([{ node: "error", socket: "teacher" }]);
    expect(issues[0]!.message).toMatch(/stops at timestep 668, which the teacher's path jumps over/);
  });

  it.each([
    [{ spacing: "list", timesteps: [700, 500, 300], nfe: 4 }, "sampler-spacing", /3 timesteps are listed for 4 steps/],
    [{ spacing: "list", timesteps: [999, 500], nfe: 2 }, "sampler-spacing", /must fall, from 779/],
    [{ spacing: "list", timesteps: [500, 500], nfe: 2 }, "sampler-spacing", /must fall/],
    [{ spacing: "trailing", nfe: 800 }, "sampler-spacing", /800 steps do not fit into the 779 timesteps/],
    [
      { spacing: "leading", nfe: 5, offset: 200 },
      "sampler-spacing",
      /first timestep is 824, above the start's own, 779/,
    ],
    [{ spacing: "linspace", nfe: 1 }, "sampler-spacing", /take trailing spacing/],
    [{ spacing: "std", nfe: 8, eta: 0.95 }, "sampler-spacing", /does not fit below the start, node 39/],
  ] as [Params, string, RegExp][])("%j", (student, code, message) => {
    const { issues } = validateDocument(document({}, student), library, noResources);
    const own = issues.find(({ node }) => node === "studentPath");
    expect(own).toMatchObject({ severity: "error", code });
    expect(own!.message).toMatch(message);
  });
});
