import { randomFillSync } from 'node:crypto';

// Arrays in Postgres's binary format: dimensions, flags, element type, length, lower bound; then each element with its size.
// `pg` sends a Buffer as binary; as text every quote of every document would be escaped here and unescaped there.
const HEAD = 20;
const oids = { text: 25, json: 114, int8: 20, int4: 23, int2: 21, uuid: 2950 } as const;

const headed = (type: keyof typeof oids, length: number, bytes: number): Buffer => {
  const array = Buffer.allocUnsafe(length === 0 ? 12 : HEAD + bytes);
  array.writeInt32BE(length === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oids[type], 8);
  if (length > 0) {
    array.writeInt32BE(length, 12);
    array.writeInt32BE(1, 16);
  }
  return array;
};

/** Texts or JSON documents, as they are. */
export const texts = (values: readonly string[], type: 'text' | 'json' = 'text'): Buffer => {
  const array = headed(type, values.length, values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value), 0));
  let at = HEAD;
  for (const value of values) {
    const bytes = array.write(value, at + 4);
    array.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return array;
};

const widths = { int8: 8, int4: 4, int2: 2 } as const;

/** Whole numbers; throws a RangeError for one that the type does not hold. */
export const integers = (values: readonly number[], type: keyof typeof widths): Buffer => {
  const width = widths[type];
  const array = headed(type, values.length, values.length * (4 + width));
  let at = HEAD;
  for (const value of values) {
    array.writeInt32BE(width, at);
    if (type === 'int8') array.writeBigInt64BE(BigInt(value), at + 4);
    else array.writeIntBE(value, at + 4, width);
    at += 4 + width;
  }
  return array;
};

/** So many new UUIDs (version 7), ascending. */
export const uuids = (count: number): Buffer => {
  const array = headed('uuid', count, count * HEAD);
  if (count === 0) return array;
  randomFillSync(array, HEAD);
  const now = Date.now();
  for (let i = 0; i < count; i += 1) {
    const at = HEAD + i * 20;
    array.writeInt32BE(16, at);
    array.writeUIntBE(now, at + 4, 6);
    array.writeUInt16BE(0x7000 | (i & 0xfff), at + 10);
    array.writeUInt8(0x80 | (array.readUInt8(at + 12) & 0x3f), at + 12);
  }
  return array;
};
