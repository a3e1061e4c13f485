import { randomStream } from "@distillery/shared/random/philox";
import { expect, it } from "vitest";
import { vary } from "./vary";

const picture = () => Float32Array.from({ length: 12 }, (_, i) => i);

it("mirrors every picture alike, row by row", () => {
  const [a, b] = [picture(), picture()];
  vary([a, b], [1, 3, 4], { flip: 1, shift: 0 }, randomStream(1, "t", 0));
  expect([...a]).toEqual([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8]);
  expect([...b]).toEqual([...a]);
});

it("shifts by whole pixels and repeats the border", () => {
  const seen = new Set<string>();
  for (let step = 0; step < 60; step++) {
    const moved = picture();
    vary([moved], [1, 3, 4], { flip: 0, shift: 1 }, randomStream(1, "t", step));
    seen.add(moved.join());
  }
  expect(seen.size).toBe(9);
  expect(seen).toContain("0,0,1,2,0,0,1,2,4,4,5,6");
});

it("leaves samples that are no pictures alone", () => {
  const point = Float32Array.of(1, 2);
  vary([point], [2], { flip: 1, shift: 3 }, randomStream(1, "t", 0));
  expect([...point]).toEqual([1, 2]);
});
