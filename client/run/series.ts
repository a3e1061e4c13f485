/** A recorded curve: values over training steps, in the order they came. */
export class Series {
  readonly steps: number[] = [];
  readonly values: number[] = [];

  /** A run continued from a checkpoint goes back in time: what came after `step` is replaced. */
  add(step: number, value: number): void {
    while (this.steps.length > 0 && this.steps[this.steps.length - 1]! >= step) {
      this.steps.pop();
      this.values.pop();
    }
    this.steps.push(step);
    this.values.push(value);
  }
  get length(): number {
    return this.steps.length;
  }
  get first(): number | undefined {
    return this.values[0];
  }
  get last(): number | undefined {
    return this.values.at(-1);
  }
}

/** Exponential moving average with the start-up bias removed (as in Adam); `amount` 0..1, 0 leaves the values alone. */
export function smooth(values: readonly number[], amount: number): number[] {
  if (amount <= 0) return [...values];
  let mean = 0;
  let weight = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = amount * mean + (1 - amount) * value;
    weight = amount * weight + (1 - amount);
    return mean / weight;
  });
}
