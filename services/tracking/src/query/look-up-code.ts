import { createHmac, timingSafeEqual } from 'node:crypto';

/** The six digits of a look-up: computed where they are sent and compared, stored nowhere. */
export const lookUpCode = (key: Uint8Array, lookUpId: string): string => createHmac('sha256', key).update('flotilla.lookup.v1/').update(lookUpId).digest().readUIntBE(0, 6).toString().padStart(6, '0').slice(-6);

/** Whether a code of ours, a look-up's or a pickup's, is what was typed: in constant time; digits however they are typed. */
export const isCode = (typed: string, code: string): boolean => {
  const [a, b] = [Buffer.from(typed.normalize('NFKC').replace(/[\s-]/g, '')), Buffer.from(code)];
  return a.length === b.length && timingSafeEqual(a, b);
};
