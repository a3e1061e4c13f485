/** NumPy's file format, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0];
/** Magic string, version, header length and header together are a multiple of this long. */
const ALIGNMENT = 64;

/** float32 values, row-major, as `numpy.load` reads them. */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== values.length)
    throw new Error(`An array of shape [${shape.join(", ")}] has ${size} values, not ${values.length}.`);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = MAGIC.length + 2;
  const length = Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT - before;
  const file = new Uint8Array(before + length + 4 * values.length);
  file.set(MAGIC);
  const view = new DataView(file.buffer);
  view.setUint16(MAGIC.length, length, true);
  file.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), before);
  for (const [i, value] of values.entries()) view.setFloat32(before + length + 4 * i, value, true);
  return file;
}
