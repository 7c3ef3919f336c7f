import { createHmac } from 'node:crypto';
import { secretKey } from './secret-key.js';

/**
 * For finding a person without storing the clear value: HMAC-SHA256 under the index key, 22 characters of base64url
 * (132 bits). `kind` ("phone", "email") keeps equal texts of different kinds apart. Normalise before: E.164, lower case.
 * "" gives "": all the people without a phone are not one person.
 */
export const blindIndex = (indexKey: Uint8Array, kind: string, value: string): string =>
  value === '' ? '' : createHmac('sha256', secretKey(indexKey)).update(`${kind.length}:${kind}:`).update(value, 'utf8').digest('base64url').slice(0, 22);
