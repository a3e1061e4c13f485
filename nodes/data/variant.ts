import type { DatasetReader, DatasetValue, Split } from "@distillery/shared/graph/wires";

/** `DatasetReader.readVariant` of any data set: its own, or any of its classes where all have every item. */
export function readVariant(
  { paired = false, classes }: DatasetValue,
  reader: DatasetReader,
  split: Split,
  index: number,
  choose: (count: number) => number,
  out: Float32Array,
  offset: number,
): boolean {
  if (reader.readVariant !== undefined) return reader.readVariant(split, index, choose, out, offset);
  if (!paired || reader.readItem === undefined) return false;
  const { item } = reader.read(split, index, out, offset);
  reader.readItem(item, choose(classes.length), out, offset);
  return true;
}
