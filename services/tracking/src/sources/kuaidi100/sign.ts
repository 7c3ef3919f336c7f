import { createHash } from 'node:crypto';
import { isSame } from '../reading.js';

/** UPPER(md5(parts, one after the other)): param + key + customer of a question, param + salt of a push. */
export const sign = (...parts: readonly string[]): string => createHash('md5').update(parts.join(''), 'utf8').digest('hex').toUpperCase();

export const isSign = (sent: string, ...parts: readonly string[]): boolean => isSame(sent.toUpperCase(), sign(...parts));
