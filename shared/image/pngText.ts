/**
 * Text inside PNG files: international text chunks (iTXt, PNG 1.2 section 4.2.3.3), uncompressed UTF-8.
 * Used to carry a graph document in a picture of the graph.
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Keyword under which a graph document travels in a PNG. */
export const GRAPH_KEYWORD = "distillery-graph";

interface Chunk {
  type: string;
  /** Offset of the length field. */
  start: number;
  dataStart: number;
  dataEnd: number;
  /** Offset after the CRC. */
  end: number;
}

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((value, i) => bytes[i] === value);

/**
 * Adds (or replaces) a text under `keyword`, directly after the header chunk.
 * @param keyword 1 to 79 printable Latin-1 characters.
 * @returns a new PNG file.
 * @throws Error if `png` is not a PNG file or the keyword is not allowed.
 */
export function writePngText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  if (!/^[\x20-\x7e\xa1-\xff]{1,79}$/.test(keyword)) throw new Error(`"${keyword}" cannot name a text in a PNG file.`);
  const kept = chunksOf(png).filter((chunk) => !(chunk.type === "iTXt" && keywordOf(png, chunk) === keyword));
  const header = kept[0];
  if (header?.type !== "IHDR") throw new Error("This PNG file does not begin with its header (IHDR).");
  const added = makeChunk("iTXt", encodeText(keyword, text));
  const parts = [png.subarray(0, 8), png.subarray(header.start, header.end), added];
  for (const chunk of kept.slice(1)) parts.push(png.subarray(chunk.start, chunk.end));
  return concatenate(parts);
}

/**
 * The uncompressed text stored under `keyword`, or undefined if there is none.
 * @throws Error if `png` is not a PNG file, is cut short, or the text is compressed.
 */
export function readPngText(png: Uint8Array, keyword: string): string | undefined {
  for (const chunk of chunksOf(png)) {
    if (chunk.type !== "iTXt" || keywordOf(png, chunk) !== keyword) continue;
    if (png[chunk.dataStart + keyword.length + 1] !== 0)
      throw new Error(`The text "${keyword}" in this PNG file is compressed; save it uncompressed.`);
    // keyword NUL, compression flag and method, language NUL, translated keyword NUL, text
    let at = chunk.dataStart + keyword.length + 3;
    for (let field = 0; field < 2; field++) {
      while (at < chunk.dataEnd && png[at] !== 0) at++;
      at++;
    }
    return new TextDecoder().decode(png.subarray(Math.min(at, chunk.dataEnd), chunk.dataEnd));
  }
  return undefined;
}

function chunksOf(png: Uint8Array): Chunk[] {
  if (!isPng(png)) throw new Error("This is not a PNG file.");
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length; ) {
    if (at + 12 > png.length) throw new Error("This PNG file is cut short.");
    const dataStart = at + 8;
    const dataEnd = dataStart + view.getUint32(at);
    if (dataEnd + 4 > png.length) throw new Error("This PNG file is cut short.");
    chunks.push({ type: latin1(png.subarray(at + 4, at + 8)), start: at, dataStart, dataEnd, end: dataEnd + 4 });
    at = dataEnd + 4;
  }
  return chunks;
}

function keywordOf(png: Uint8Array, chunk: Chunk): string {
  let end = chunk.dataStart;
  while (end < chunk.dataEnd && png[end] !== 0) end++;
  return latin1(png.subarray(chunk.dataStart, end));
}

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

function encodeText(keyword: string, text: string): Uint8Array {
  const name = Uint8Array.from(keyword, (character) => character.charCodeAt(0));
  return concatenate([name, new Uint8Array(5), new TextEncoder().encode(text)]);
}

function makeChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(data.length + 12);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(
    Uint8Array.from(type, (character) => character.charCodeAt(0)),
    4,
  );
  chunk.set(data, 8);
  view.setUint32(data.length + 8, crc32(chunk.subarray(4, data.length + 8)));
  return chunk;
}

/** CRC-32 as in PNG 1.2 appendix D (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
