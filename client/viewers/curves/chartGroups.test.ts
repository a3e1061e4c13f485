import { emptyDocument } from "@distillery/shared/graph/document";
import { expect, it } from "vitest";
import { RunLog } from "../../run/runLog";
import { numbered } from "../../run/testing";
import { chartGroups, titleOf, variantTitle } from "./chartGroups";

it("names curves by evaluations, guidance and, where that is not enough, the sampler", () => {
  expect(variantTitle("8")).toBe("8 NFE");
  expect(variantTitle("8:g2.5")).toBe("8 NFE, scale 2.5");
  expect(variantTitle("8:g2:fast", new Map([["fast", "Fast student"]]))).toBe("8 NFE, scale 2, Fast student");
  expect(titleOf("styleSimilarity")).toBe("Style similarity");
});

it("draws one chart a metric, and the headline only where it stands alone", () => {
  const log = new RunLog("r1");
  const metric = (name: string) => ({ type: "metric" as const, step: 0, node: "s", name, value: 1 });
  log.take(numbered([metric("ssim"), metric("ssim@8:g2"), metric("ssim@4:g2"), metric("fd")]));
  const groups = chartGroups(log, emptyDocument());
  expect(groups.map(({ title, members }) => [title, members.map(({ label }) => label)])).toEqual([
    ["SSIM", ["8 NFE, scale 2", "4 NFE, scale 2"]],
    ["FD", ["s"]],
  ]);
});
