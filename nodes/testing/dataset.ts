/** Test-only: data sets held in memory. */
import type { DatasetValue, GaussianMixture, Split } from "@distillery/shared/graph/wires";

export interface Sample {
  readonly values: readonly number[];
  /** -1: none */
  readonly classIndex: number;
  readonly split: "train" | "heldOut";
}

export function datasetOf(
  samples: readonly Sample[],
  options: {
    sampleShape: readonly number[];
    classes?: readonly string[];
    trainCount?: number;
    mixture?: GaussianMixture;
  },
): DatasetValue {
  const select = (split: Split, classIndex?: number) =>
    samples.filter(
      (sample) =>
        (split === "all" || sample.split === split) && (classIndex === undefined || sample.classIndex === classIndex),
    );
  return {
    id: "test",
    title: "Test set",
    classes: [],
    ...options,
    open: () =>
      Promise.resolve({
        count: (split, classIndex) => select(split, classIndex).length,
        read(split, index, out, offset, classIndex) {
          const sample = select(split, classIndex)[index];
          if (sample === undefined) throw new Error(`no sample ${index} in ${split}`);
          out.set(sample.values, offset);
          return { class: sample.classIndex, content: -1, item: index };
        },
      }),
  };
}
