import { createHash, timingSafeEqual } from 'node:crypto';

/** hex SHA-256 of the raw body, "/" and the key. */
export const sign = (body: Uint8Array, key: string): string => createHash('sha256').update(body).update(`/${key}`).digest('hex');

/** In constant time, whatever the length of what was sent. */
export const isSign = (sent: string, body: Uint8Array, key: string): boolean => {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent.toLowerCase()), hash(sign(body, key)));
};
