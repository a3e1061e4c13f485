import { templates } from "@distillery/nodes/templates/index";
import { expect, it } from "vitest";
import { wireUsage } from "./wireUsage";

const usage = wireUsage(templates.map(({ document }) => document));

it("knows what usually follows an output, and into which input", () => {
  const solved = ["solver/ddim", "x"] as const;
  expect(usage.into(solved, "bank/trajectory", "advanced")).toBeGreaterThan(0);
  expect(usage.into(solved, "bank/trajectory", "x")).toBe(0);
  expect(usage.into(solved, "bank/trajectory")).toBe(usage.into(solved, "bank/trajectory", "advanced"));
  expect(usage.into(solved, "export/onnx")).toBe(0);
});

it("knows what usually comes before an input", () => {
  expect(usage.outOf(["train/trainer", "loss"], "loss/consistency", "loss")).toBeGreaterThan(3);
  expect(usage.outOf(["train/trainer", "loss"], "student/unet")).toBe(0);
});
