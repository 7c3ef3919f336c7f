const M = 0x5bd1e995;

/** Java's murmur2, as Kafka's own producers place keys: `murmur2('21')` = -973932308. */
export const murmur2 = (key: string | Buffer): number => {
  const data = typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
  const blocks = data.length & ~3;
  let h = 0x9747b28c ^ data.length;
  for (let i = 0; i < blocks; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  const rest = data.length - blocks;
  if (rest === 3) h ^= data[blocks + 2]! << 16;
  if (rest >= 2) h ^= data[blocks + 1]! << 8;
  if (rest >= 1) h = Math.imul(h ^ data[blocks]!, M);
  h = Math.imul(h ^ (h >>> 13), M);
  return (h ^ (h >>> 15)) | 0;
};

/** Where a key goes: the same partition as from any Java client. All topics of the fleet have 12. */
export const partitionOf = (key: string, partitions = 12): number => (murmur2(key) & 0x7fffffff) % partitions;
