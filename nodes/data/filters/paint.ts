import { hashName, randomStream } from "@distillery/shared/random/philox";
import { areaResize } from "../areaResize";
import { FILTERS, type FilterId } from ".";

/** Filters work at this size and the result is scaled down: drawn directly at 32 px, strokes and dots fall apart. */
const CANVAS = 128;

/**
 * A picture [3, size, size] in [-1, 1] in a technique, as 8-bit values of the same layout. Strokes are drawn from a stream
 * that the picture itself seeds: the same picture is always painted the same way.
 */
export function paint(picture: Float32Array, id: FilterId): Uint8Array {
  const size = Math.round(Math.sqrt(picture.length / 3));
  const canvas = Math.max(size, CANVAS);
  const large = areaResize(picture, [3, size, size], canvas, canvas).map((value) => (value + 1) / 2);
  const painted = FILTERS[id].filter({ size: canvas, rgb: large }, randomStream(fingerprint(picture), id, 0));
  const small = size === canvas ? painted.rgb : areaResize(painted.rgb, [3, canvas, canvas], size, size);
  return Uint8Array.from(small, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)));
}

/** 32 bits that follow from the pixels. */
const fingerprint = (picture: Float32Array): number =>
  hashName(Array.from(picture, (value) => String.fromCharCode(Math.round((value + 1) * 127.5))).join(""));
