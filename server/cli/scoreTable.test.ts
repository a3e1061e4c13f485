import type { ScoreRow } from "@distillery/shared/protocol/scores";
import { expect, it } from "vitest";
import { joinReports } from "../graph/scoreRows";
import { scoreLines } from "./scoreTable";

const row = (sampler: string, nfe: number, guidanceScale: number | null, values: ScoreRow["values"]): ScoreRow => ({
  sampler,
  title: sampler,
  nfe,
  guidanceScale,
  millisecondsPerImage: 12.345,
  values,
});

it("joins what the scorers say of one path, and lines the columns up", () => {
  const value = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half, n: 8 });
  const rows = joinReports([
    { rows: [row("Teacher", 39, null, { psnr: value(20, 1) }), row("Student", 4, 2, { psnr: value(15.5, 0.5) })] },
    { rows: [row("Teacher", 39, null, { ssim: value(0.9, 0.01) })] },
  ]);
  expect(rows).toHaveLength(2);
  expect(scoreLines(rows)).toEqual([
    "         NFE  scale  ms/image          psnr           ssim",
    "Teacher   39      -      12.3  20.00 ± 1.00  0.900 ± 0.010",
    "Student    4      2      12.3  15.50 ± 0.50              -",
  ]);
});
