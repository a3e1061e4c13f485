import type { Runtime, Session } from "@distillery/shared/run/runtime";
import { describe, expect, test } from "vitest";
import { Recent, remembered, reusingRuntime } from "./warm";

describe("what is kept", () => {
  test("is what was used last", () => {
    const dropped: number[] = [];
    const recent = new Recent<number>(2, (value) => dropped.push(value));
    for (const key of ["a", "b", "a", "c"]) recent.get(key, () => key.charCodeAt(0));
    expect(dropped).toEqual(["b".charCodeAt(0)]);
    expect(recent.get("a", () => 0)).toBe("a".charCodeAt(0));
  });

  test("is made again after it failed", async () => {
    const recent = new Recent<Promise<string>>(2);
    await expect(remembered(recent, "x", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await remembered(recent, "x", async () => "yes")).toBe("yes");
    expect(await remembered(recent, "x", () => Promise.reject(new Error("not asked")))).toBe("yes");
  });
});

test("the same model twice is one session, which ends when others are newer", async () => {
  const events: string[] = [];
  const runtime: Runtime = {
    device: "cpu",
    threads: 1,
    async createSession(model): Promise<Session> {
      events.push(`open ${model[0]}`);
      const dispose = async () => {
        events.push(`close ${model[0]}`);
      };
      return { inputs: [], outputs: [], run: async () => ({}), dispose };
    },
    download: () => Promise.reject(new Error("unused")),
  };
  const reusing = reusingRuntime(runtime, 2);
  for (const model of [1, 2, 1, 3]) await (await reusing.createSession(Uint8Array.of(model))).dispose();
  await Promise.resolve();
  expect(events).toEqual(["open 1", "open 2", "open 3", "close 2"]);
});
