/** The safetensors file format: an 8-byte length, a JSON header, then the tensors' bytes, little endian, without holes. */
import type { HostTensor, HostTensors } from "../graph/node";
import { type DType, sizeOf, type TensorData } from "../onnx/graph";

const MAX_HEADER = 100_000_000;

const TYPES: Record<DType, { tag: string; bytes: number }> = {
  float32: { tag: "F32", bytes: 4 },
  float16: { tag: "F16", bytes: 2 },
  int64: { tag: "I64", bytes: 8 },
  int32: { tag: "I32", bytes: 4 },
  uint8: { tag: "U8", bytes: 1 },
  bool: { tag: "BOOL", bytes: 1 },
};
const dtypeOf = (tag: unknown): DType | undefined =>
  (Object.keys(TYPES) as DType[]).find((dtype) => TYPES[dtype].tag === tag);

export class SafetensorsError extends Error {}

/** Writes tensors in the order of their names. */
export function encodeSafetensors(
  tensors: HostTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name] as HostTensor;
    header[name] = { dtype: TYPES[dtype].tag, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded);
  file.set(text, 8);
  let at = 8 + padded;
  for (const name of names) {
    const { data } = tensors[name] as HostTensor;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Reads a whole file; refuses headers that do not describe exactly the bytes that follow. */
export function decodeSafetensors(file: Uint8Array): { tensors: HostTensors; metadata: Record<string, string> } {
  if (file.byteLength < 8) throw new SafetensorsError("The file is too short to be safetensors.");
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER) || length > BigInt(file.byteLength - 8)) {
    throw new SafetensorsError(`The header claims ${length} bytes, more than the file holds.`);
  }
  const start = 8 + Number(length);
  const header = parseHeader(file.subarray(8, start));
  const { __metadata__, ...entries } = header;
  const tensors: HostTensors = {};
  let expected = 0;
  const ordered = Object.entries(entries).map(([name, value]) => ({ name, ...readEntry(name, value) }));
  ordered.sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const { name, dtype, shape, begin, end } of ordered) {
    if (begin !== expected)
      throw new SafetensorsError(`Tensor "${name}" starts at byte ${begin}, expected ${expected}.`);
    const wanted = sizeOf(shape) * TYPES[dtype].bytes;
    if (!Number.isSafeInteger(wanted) || end - begin !== wanted) {
      throw new SafetensorsError(
        `Tensor "${name}" of shape [${shape.join(", ")}] needs ${wanted} bytes, has ${end - begin}.`,
      );
    }
    if (start + end > file.byteLength) throw new SafetensorsError(`Tensor "${name}" ends beyond the file.`);
    // A copy with a buffer of its own; `slice` of a Node Buffer would share one.
    const bytes = new Uint8Array(file.subarray(start + begin, start + end));
    tensors[name] = { dtype, shape, data: view(dtype, bytes) };
    expected = end;
  }
  if (start + expected !== file.byteLength) {
    throw new SafetensorsError(`The file has ${file.byteLength - start} bytes of data; its tensors cover ${expected}.`);
  }
  return { tensors, metadata: readMetadata(__metadata__) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new SafetensorsError("The header is not JSON.");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new SafetensorsError("The header is not a JSON object.");
  }
  return { ...header };
}

function readEntry(name: string, value: unknown): { dtype: DType; shape: number[]; begin: number; end: number } {
  const bad = (): never => {
    throw new SafetensorsError(`The header's entry for "${name}" is not valid.`);
  };
  if (typeof value !== "object" || value === null) return bad();
  const { dtype: tag, shape, data_offsets: offsets } = value as Record<string, unknown>;
  const dtype = dtypeOf(tag);
  const natural = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (dtype === undefined || !natural(shape) || !natural(offsets) || offsets.length !== 2) return bad();
  return { dtype, shape, begin: offsets[0] as number, end: offsets[1] as number };
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) throw new SafetensorsError("The metadata is not an object.");
  for (const text of Object.values(value)) {
    if (typeof text !== "string") throw new SafetensorsError("The metadata may hold only strings.");
  }
  return { ...value } as Record<string, string>;
}

/** `bytes` was sliced, so it starts at a fresh, aligned buffer. */
function view(dtype: DType, bytes: Uint8Array): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(bytes.buffer);
    case "int64":
      return new BigInt64Array(bytes.buffer);
    case "int32":
      return new Int32Array(bytes.buffer);
    case "float16":
      return new Uint16Array(bytes.buffer);
    default:
      return bytes;
  }
}
