/** Writes zips for tests, hostile ones included: names, modes, flags and sizes are taken as given. */
import { crc32, deflateRawSync } from "node:zlib";

export interface FixtureEntry {
  name: string;
  data?: Uint8Array;
  /** Unix mode; 0o120777 makes a link. */
  mode?: number;
  encrypted?: boolean;
  /** Declared instead of the real unpacked size. */
  claimedBytes?: number;
}

export function makeZip(entries: readonly FixtureEntry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data = new Uint8Array(), mode = 0o100644, encrypted = false, claimedBytes } of entries) {
    const nameBytes = Buffer.from(name);
    const packed = deflateRawSync(data);
    /** The fields that both headers share: version, flags, method, time, date, CRC, sizes, lengths of name and extra field. */
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x800 | (encrypted ? 1 : 0), 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(claimedBytes ?? data.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const localEntry = Buffer.concat([Buffer.from("PK\x03\x04"), shared, nameBytes, packed]);
    local.push(localEntry);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), shared, tail, nameBytes]));
    offset += localEntry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06"), end]);
}
