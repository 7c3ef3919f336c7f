import { createHash } from 'node:crypto';

/** The same parts make the same id, by whichever way a scan comes. */
export const scanIdOf = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
