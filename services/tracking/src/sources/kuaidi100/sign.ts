import { createHash, timingSafeEqual } from 'node:crypto';

/** UPPER(md5(parts, one after the other)): param + key + customer of a question, param + salt of a push. */
export const sign = (...parts: readonly string[]): string => createHash('md5').update(parts.join(''), 'utf8').digest('hex').toUpperCase();

/** In constant time, whatever the length of what was sent. */
export const isSign = (sent: string, ...parts: readonly string[]): boolean => {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent.toUpperCase()), hash(sign(...parts)));
};
