import { describe, expect, it } from "vitest";
import { validateDocument } from "../compile/validate";
import type { GraphDocument, Params } from "../graph/document";
import type { EventBody } from "../protocol/events";
import { randomStream } from "../random/philox";
import { decodeCheckpoint } from "./checkpoint";
import { executeRun } from "./execute";
import type { RunEnvironment } from "./job";
import { lineDocument, lineLibrary } from "./testing/line";
import { testRuntime } from "./testing/nodeRuntime";

const resources: RunEnvironment["resources"] = {
  image: () => Promise.reject(new Error("no files here")),
  bytes: () => Promise.reject(new Error("no files here")),
  dataset: () => undefined,
  model: () => undefined,
};

/** Two followers of one noise that jump right to it: w <- what they saw in their own turn. */
function document(turns: readonly string[], steps = 3): GraphDocument {
  const follower = (id: string, params: Params) => ({ id, type: "train/follower", params, position: { x: 0, y: 0 } });
  const line = lineDocument();
  const ids = turns.map((_, i) => `follower${i}`);
  return {
    ...line,
    nodes: [
      ...line.nodes.filter(({ id }) => id === "noise"),
      ...turns.map((turn, i) => follower(ids[i] as string, { rate: 0.5, steps, turn })),
    ],
    edges: ids.map((node) => ({ from: { node: "noise", socket: "value" }, to: { node, socket: "target" } })),
  };
}

async function run(graph: GraphDocument, checkpoint?: Uint8Array, steps?: number) {
  const events: EventBody[] = [];
  let last: Uint8Array | undefined;
  const summary = await executeRun(
    { runId: "r", document: graph, ...(checkpoint && { checkpoint }), ...(steps && { steps }) },
    {
      library: lineLibrary,
      resources,
      runtime: testRuntime,
      sink: {
        event: (event) => events.push(event),
        frame: () => undefined,
        checkpoint: (_step, bytes) => {
          last = bytes;
        },
        artifact: () => undefined,
      },
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      now: () => 0,
    },
  );
  if (last === undefined) throw new Error("no checkpoint");
  const { variables } = decodeCheckpoint(last);
  return { summary, events, checkpoint: last, w: (i: number) => Number(variables[`follower${i}/w`]?.data[0]) };
}

/** What the noise is in the run's nth batch, and the host's count in it. */
const seen = (batch: number) => 3 + 0.1 * randomStream(7, "noise.value", batch).normal() + batch * 1e-6;

describe("turns", () => {
  it("give each trainer a batch of its own, and a step one update of each", async () => {
    const { summary, events, w } = await run(document(["even", "odd"]));
    expect(summary).toMatchObject({ status: "done", steps: 3 });
    // Three steps are six batches.
    expect(w(0)).toBeCloseTo(seen(4), 5);
    expect(w(1)).toBeCloseTo(seen(5), 5);
    const reported = events.flatMap((event) => (event.type === "step" ? [event] : []));
    expect(reported.map(({ step, steps }) => `${step} of ${steps}`)).toEqual(["1 of 3", "3 of 3"]);
    // Numbers are those of the odd turn: how far it then was from what it had seen the step before.
    expect(reported.at(-1)?.series["follower1.loss"]).toBeCloseTo((seen(5) - seen(3)) ** 2, 6);
  });

  it("leave graphs without them as they were", async () => {
    const { w } = await run(document(["every", "every"]));
    expect(w(0)).toBeCloseTo(seen(2), 5);
    expect(w(1)).toBe(w(0));
  });

  it("go on from a checkpoint bit for bit", async () => {
    const first = await run(document(["even", "odd"]), undefined, 1);
    const resumed = await run(document(["even", "odd"]), first.checkpoint);
    const straight = await run(document(["even", "odd"]));
    expect(resumed.summary.weightsSha256).toBe(straight.summary.weightsSha256);
  });

  it.each([
    [["odd"], ["parity-needs-discriminator"]],
    [
      ["even", "even"],
      ["parity-needs-discriminator", "parity-needs-discriminator"],
    ],
    [["even", "odd", "every"], ["turn-mismatch"]],
    [["even", "odd"], []],
  ])("of %j are found %j", (turns, codes) => {
    const { issues } = validateDocument(document(turns), lineLibrary, resources);
    expect(issues.map(({ code }) => code)).toEqual(codes);
  });
});
