import { createHash } from 'node:crypto';

// 18 digits: of ten million parcels the chance that two have the same is 1 in 20 000, and then the second is refused as DUPLICATE_WAYBILL.
const digits = 18;

/** ISO 7064 MOD 97-10: finds every wrong digit and every two that changed places. */
const checkOf = (payload: string): string => String(98n - ((BigInt(payload) * 100n) % 97n)).padStart(2, '0');

/** The number of a purchase: the same for ever, so that a purchase whose answer was lost is simply asked for again. */
export const numberOf = (reference: string): string => {
  const payload = (BigInt(`0x${createHash('sha256').update(`flotilla.own/${reference}`).digest('hex')}`) % 10n ** BigInt(digits)).toString().padStart(digits, '0');
  return `FL${payload}${checkOf(payload)}`;
};

/** Whether it is one of ours: prefix, length and both check digits. */
export const isOwnNumber = (number: string): boolean => {
  const [, payload, check] = /^FL(\d{18})(\d{2})$/.exec(number) ?? [];
  return payload !== undefined && checkOf(payload) === check;
};
