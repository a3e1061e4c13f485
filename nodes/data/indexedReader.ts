/** Random access to a list of samples by split and class. */
import type { DatasetReader, Split } from "@distillery/shared/graph/wires";

export interface Sample {
  /** -1: the data set has no classes. */
  readonly classIndex: number;
  readonly isHeldOut: boolean;
  /** -1 (or absent): unknown. */
  readonly contentIndex?: number;
  /** Number of what is shown; absent: every sample shows something of its own. */
  readonly item?: number;
}

/**
 * A reader over `samples`; `write` puts sample number `i` of that list into `out` at `offset`.
 * Order inside a split (and class) is the list's own. Reading past the end throws a RangeError.
 */
export function indexedReader(
  samples: readonly Sample[],
  write: (i: number, out: Float32Array, offset: number) => void,
): DatasetReader {
  const lists = new Map<string, number[]>();
  const key = (split: Split, classIndex?: number) => `${split}/${classIndex ?? "*"}`;
  samples.forEach(({ classIndex, isHeldOut }, i) => {
    for (const split of ["all", isHeldOut ? "heldOut" : "train"] as const) {
      for (const name of [key(split), key(split, classIndex)]) {
        const list = lists.get(name) ?? [];
        list.push(i);
        lists.set(name, list);
      }
    }
  });
  return {
    count: (split, classIndex) => lists.get(key(split, classIndex))?.length ?? 0,
    read(split, index, out, offset, classIndex) {
      const list = lists.get(key(split, classIndex)) ?? [];
      const i = list[index];
      const sample = i === undefined ? undefined : samples[i];
      if (i === undefined || sample === undefined) {
        throw new RangeError(`Sample ${index} of split "${split}" does not exist; it has ${list.length}.`);
      }
      write(i, out, offset);
      return { class: sample.classIndex, content: sample.contentIndex ?? -1, item: sample.item ?? i };
    },
  };
}

/** Writes 8-bit values as [-1, 1]. */
export function writeUnit(bytes: Uint8Array, from: number, count: number, out: Float32Array, offset: number): void {
  for (let i = 0; i < count; i++) out[offset + i] = (bytes[from + i] as number) / 127.5 - 1;
}
