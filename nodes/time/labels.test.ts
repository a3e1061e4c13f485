import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { descendsFrom, fixedLabel, isNotAfter, ownLabel, stepLabel } from "./labels";

const bank = ownLabel("bank", "the bank's time", 3, 39);

describe("time labels", () => {
  it("gives equal steps from the same time the same identity, however they are cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (a, b) => {
        expect(stepLabel(stepLabel(bank, a), b).id).toBe(stepLabel(bank, a + b).id);
        expect(stepLabel(stepLabel(bank, a), b).max).toBe(stepLabel(bank, a + b).max);
      }),
    );
  });

  it("keeps different times apart", () => {
    expect(stepLabel(bank, 1).id).not.toBe(bank.id);
    expect(stepLabel(bank, 1).id).not.toBe(stepLabel(ownLabel("other", "", 3, 39), 1).id);
  });

  it("knows which time is not after which", () => {
    const prev = stepLabel(bank, 1);
    const target = ownLabel("target", "the target", 0, 37, [prev]);
    expect(isNotAfter(prev, bank)).toBe(true);
    expect(isNotAfter(stepLabel(bank, 3), prev)).toBe(true);
    expect(isNotAfter(target, bank)).toBe(true);
    expect(isNotAfter(bank, prev)).toBe(false);
    expect(isNotAfter(prev, target)).toBe(false);
    expect(descendsFrom(target, bank.id)).toBe(true);
    expect(descendsFrom(bank, target.id)).toBe(false);
  });

  it("compares fixed nodes by value", () => {
    expect(fixedLabel(39).id).toBe(ownLabel("start", "the start", 39, 39).id);
    expect(stepLabel(fixedLabel(39), 1).id).toBe(fixedLabel(38).id);
    expect(isNotAfter(fixedLabel(3), bank)).toBe(true);
    expect(isNotAfter(fixedLabel(4), bank)).toBe(false);
    expect(stepLabel(fixedLabel(1), 5).max).toBe(0);
  });
});
