import { describe, expect, it } from "vitest";
import { attribute, operationTimes, placeOf } from "./attribute";
import { byNetwork, byNode, type Profile } from "./profile";

const ids = new Set(["solver", "teacher", "trainer", "group.inner", "a/b"]);
const isNode = (id: string) => ids.has(id);

describe("operation names", () => {
  it("lead to the node, the network it applies, and the pass", () => {
    expect(placeOf("solver/Mul_3", isNode)).toEqual({ node: "solver", network: null, pass: "forward" });
    expect(placeOf("solver/teacher/m_1//down.0/Conv", isNode)).toEqual({
      node: "solver",
      network: "teacher",
      pass: "forward",
    });
    expect(placeOf("trainer/grad/solver/teacher/Mul_3/Mul_90", isNode)).toMatchObject({
      node: "solver",
      network: "teacher",
      pass: "backward",
    });
    // The gradient of a gradient belongs to what was computed first.
    expect(placeOf("trainer/grad/trainer/grad/solver/Mul_1/Mul_2/Mul_3", isNode)).toMatchObject({ node: "solver" });
    expect(placeOf("trainer/Sub_4", isNode)).toMatchObject({ node: "trainer", pass: "forward" });
  });
  it("of fused operations, of subgraphs and of ids with slashes are understood, others are not", () => {
    expect(placeOf("solver/Mul_128/QuickGeluFusion/", isNode)?.node).toBe("solver");
    expect(placeOf("group.inner/Add_1", isNode)?.node).toBe("group.inner");
    expect(placeOf("a/b/Add_1", isNode)?.node).toBe("a/b");
    expect(placeOf("ReorderInput_token_7", isNode)).toBeUndefined();
    expect(placeOf("solver", isNode)).toBeUndefined();
  });
});

const run = (ts: number, dur: number) => ({ cat: "Session", name: "model_run", ts, dur, args: {} });
const kernel = (name: string, ts: number, dur: number, peak?: string) => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  ts,
  dur,
  args: { op_name: "X", ...(peak && { mem_in_use_peak: peak }) },
});
const lines = [
  { cat: "Session", name: "session_initialization", ts: 0, dur: 900, args: {} },
  run(1000, 500),
  kernel("solver/Conv_1", 1001, 400),
  run(2000, 100),
  kernel("solver/teacher/Conv_1", 2001, 60, "4096"),
  kernel("trainer/grad/solver/teacher/Conv_1/Conv_5", 2070, 20, "2048"),
  kernel("Identity_9", 2095, 3),
  { cat: "Node", name: "solver/Conv_1_fence_before", ts: 2001, dur: 7, args: {} },
  { nonsense: true },
];

describe("a profile", () => {
  it("counts kernels of the runs after the warm-up", () => {
    const times = operationTimes(lines, 1);
    expect(times).toMatchObject({ session: 100, runs: 1, peak: 4096 });
    expect([...times.operations.values()].reduce((a, b) => a + b)).toBe(83);
    const { nodes, unattributed } = attribute(times.operations, isNode);
    expect(nodes).toEqual([{ node: "solver", network: "teacher", forward: 60, backward: 20 }]);
    expect(unattributed).toBe(3);
    const aliases = new Map([["Identity_9", "trainer/Sub_4"]]);
    expect(attribute(times.operations, isNode, aliases).unattributed).toBe(0);
  });
  it("is seen by node and again by network, the dearest first", () => {
    const nodes = [
      { node: "student", network: null, forward: 1, backward: 1 },
      { node: "solver", network: "teacher", forward: 5, backward: 0 },
      { node: "solver", network: null, forward: 1, backward: 0 },
    ];
    const profile = { operations: 10, nodes } as unknown as Profile;
    expect(byNode(profile).map(({ node, total, share }) => [node, total, share])).toEqual([
      ["solver", 6, 0.6],
      ["student", 2, 0.2],
    ]);
    expect(byNetwork(profile).map(({ node, share }) => [node, share])).toEqual([["teacher", 0.5]]);
  });
});
