import { uuidv5 } from '@flotilla/values';

const namespace = 'd0c3f2c8-52f5-5f2a-a0c5-0b6f6c1d5a11';

/** How order numbers are compared: platforms and people leave "#" and spaces out. */
export const referenceId = (channel: string, number: string): string => uuidv5(uuidv5(namespace, channel), number.normalize('NFKC').replace(/[\s#]/g, '').toUpperCase());

/** The numbers that a line names: one payout may be for several orders. */
export const numbersOf = (text: string): readonly string[] => [...new Set(text.split(/[,;、，；|]+/).map((part) => part.trim()).filter((part) => part !== ''))].slice(0, 50);
