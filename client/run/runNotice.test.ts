import { expect, test } from "vitest";
import { endNotice, pageTitle } from "./runNotice";

test("the title tells how far a run is, and how it ended until somebody looks", () => {
  expect(pageTitle("std-2d", "running", 0.428, false)).toBe("42 % · std-2d - Distillery");
  expect(pageTitle("std-2d", "queued", 0, false)).toBe("Waiting · std-2d - Distillery");
  expect(pageTitle("std-2d", "done", 1, true)).toBe("Done · std-2d - Distillery");
  expect(pageTitle("std-2d", "done", 1, false)).toBe("std-2d - Distillery");
  expect(pageTitle("", null, 0, false)).toBe("Untitled - Distillery");
});

test("long runs that end by themselves are told, a failure with its node", () => {
  const run = { title: "std-2d", seconds: 90, error: null };
  expect(endNotice({ ...run, status: "done" })?.title).toBe("std-2d is done");
  expect(endNotice({ ...run, status: "failed", error: { message: "loss is NaN", node: "trainer" } })).toEqual({
    title: "std-2d failed",
    body: "trainer: loss is NaN",
  });
  expect(endNotice({ ...run, status: "cancelled" })).toBeNull();
  expect(endNotice({ ...run, seconds: 2, status: "done" })).toBeNull();
});
