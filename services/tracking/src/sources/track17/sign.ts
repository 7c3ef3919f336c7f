import { createHash } from 'node:crypto';
import { isSame } from '../reading.js';

/** hex SHA-256 of the raw body, "/" and the key. */
export const sign = (body: Uint8Array, key: string): string => createHash('sha256').update(body).update(`/${key}`).digest('hex');

export const isSign = (sent: string, body: Uint8Array, key: string): boolean => isSame(sent.toLowerCase(), sign(body, key));
