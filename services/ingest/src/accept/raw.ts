import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { open, seal } from '@flotilla/values';

// A sealed text holds 64 KiB at most.
const piece = 48 * 1024;
const largest = 8 * 1024 * 1024;

/** The bytes of a delivery as they are kept: packed, in pieces, each sealed. */
export const sealRaw = (key: Uint8Array, subject: string, bytes: Uint8Array): readonly string[] => {
  const packed = gzipSync(bytes, { level: constants.Z_BEST_SPEED }).toString('base64');
  return Array.from({ length: Math.ceil(packed.length / piece) }, (_, at) => seal(key, subject, 'raw', packed.slice(at * piece, (at + 1) * piece)));
};

/** `undefined` if the subject's key was erased, before or after it came in. */
export const openRaw = (keyOf: (subject: string) => Uint8Array | undefined, pieces: readonly string[]): Uint8Array | undefined => {
  if (pieces.length === 0) return undefined;
  const opened = pieces.map((text) => open(keyOf, text));
  return opened.includes(undefined) ? undefined : gunzipSync(Buffer.from(opened.join(''), 'base64'), { maxOutputLength: largest });
};
