import { validateDocument } from "@distillery/shared/compile/validate";
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import { SampleSession } from "@distillery/shared/run/sampleSession";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { VariableStore } from "@distillery/shared/run/variables";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "../testing/stage";

/** A red square as the only picture: 8 x 8, and one that the "teacher" knows to be green. */
const picture = (value: number) => new Uint8Array(8 * 8 * 3).map((_, i) => (i % 3 === 0 ? value : 255 - value));
const resources = {
  ...noResources,
  dataset: () => ({ id: "mine", name: "Mine", size: 8, classes: ["a", "b"], count: 2 }),
  image: async () => ({ width: 8, height: 8, channels: 3 as const, data: picture(255) }),
};

const link = (from: string, to: string) => {
  const [source = "", output = ""] = from.split(".");
  const [target = "", input = ""] = to.split(".");
  return { from: { node: source, socket: output }, to: { node: target, socket: input } };
};

function graph(sampler: Params, mask = true): GraphDocument {
  const nodes: [string, string, Params][] = [
    ["data", "data/user-images", { id: "mine" }],
    ["schedule", "schedule/vp", {}],
    ["picture", "data/picture", { picture: "data/red" }],
    ["mask", "data/mask", { shapes: ["fixed"], left: 0.5, top: 0, width: 0.5, height: 1 }],
    ["network", "student/unet", { width: 8, multipliers: [1], patch: 1, attention: false }],
    ["sampler", "evaluate/sampler", { batch: 2, nfe: 3, ...sampler }],
  ];
  return {
    ...emptyDocument("inpaint"),
    seed: 3,
    nodes: nodes.map(([id, type, params]) => ({ id, type, params, position: { x: 0, y: 0 } })),
    edges: [
      link("data.dataset", "picture.dataset"),
      link("data.dataset", "mask.dataset"),
      link("data.dataset", "network.dataset"),
      link("schedule.schedule", "picture.schedule"),
      link("picture.x", "sampler.x"),
      link("picture.condition", "sampler.condition"),
      link("network.weights", "sampler.weights"),
      ...(mask ? [link("picture.x0", "sampler.known"), link("mask.mask", "sampler.mask")] : []),
    ],
  };
}

async function sample(sampler: Params, mask?: boolean) {
  const { plan, issues } = validateDocument(graph(sampler, mask), library, resources);
  expect(issues).toEqual([]);
  const stage = plan!.samplers[0]!;
  const session = await SampleSession.create(stage, testRuntime, new VariableStore(testRuntime, 3));
  const [path] = await session.run(
    () => 0,
    () => undefined,
    () => Promise.resolve(),
  );
  await session.dispose();
  return { path: path!, schedule: stage.schedule };
}

const isKnown = (i: number) => i % 8 < 4;
/** x0 of the red picture, [2, 3, 8, 8]. */
const clean = (i: number) => (Math.floor(i / 64) % 3 === 0 ? 1 : -1);

describe("a sampler with a known picture and a mask", () => {
  it.each([["ddim"], ["heun"], ["dpmpp-2m"], ["dpmpp-2m-sde"], ["unipc"], ["tcd"], ["lcm"]])(
    "%s keeps the known half on the path of the noise it began with, and ends with the picture itself",
    async (solver) => {
      const { path, schedule } = await sample({ solver, gamma: 0.4, nfe: solver === "heun" ? 6 : 3 });
      const noise = (x: number, i: number, node: number) => {
        const abar = schedule.alphasCumprod[schedule.timestepOf(node)]!;
        return (x - Math.sqrt(abar) * clean(i)) / Math.sqrt(1 - abar);
      };
      expect(path.nodes).toEqual([39, 26, 13, 0]);
      const [start, ...later] = path.states;
      const eps = start!.map((x, i) => noise(x, i, 39));
      expect(Math.abs(eps.reduce((sum, value) => sum + value, 0) / eps.length)).toBeLessThan(0.2);
      later.forEach((state, step) => {
        const node = path.nodes[step + 1]!;
        state.forEach((x, i) => {
          if (!isKnown(i)) return;
          if (node === 0) expect(x).toBe(clean(i));
          else expect(noise(x, i, node)).toBeCloseTo(eps[i]!, 3);
        });
      });
    },
  );

  it("generates the other half", async () => {
    const [kept, free] = [await sample({}), await sample({}, false)];
    const last = kept.path.states.at(-1)!;
    expect(last.some((x, i) => !isKnown(i) && Math.abs(x - clean(i)) > 0.05)).toBe(true);
    // The first step from one start: what is generated has not met the known half yet.
    free.path.states[1]!.forEach((x, i) => {
      if (!isKnown(i)) expect(kept.path.states[1]![i]).toBeCloseTo(x, 4);
    });
  });

  it("wants both", () => {
    const document = graph({});
    const edges = document.edges.filter(({ to }) => to.socket !== "known");
    const { issues } = validateDocument({ ...document, edges }, library, resources);
    expect(issues).toContainEqual(
      expect.objectContaining({
        node: "sampler",
        socket: "known",
        message: expect.stringMatching(/only mask is wired/),
      }),
    );
  });
});
