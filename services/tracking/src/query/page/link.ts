import { createHmac, timingSafeEqual } from 'node:crypto';

const bytes = 16;

/** What a link opens; one is never good for the other. */
export type Purpose = 'page' | 'consent';

const mac = (key: Uint8Array, parcel: Uint8Array, purpose: Purpose): Buffer => createHmac('sha256', key).update(`flotilla.tracking.${purpose}.v1`).update(parcel).digest().subarray(0, bytes);

/** The token of a parcel's page, or of a person's consent: the id and 128 bits that only the link key can make, 43 characters. Nothing about the buyer is in it. */
export const linkToken = (key: Uint8Array, parcelId: string, purpose: Purpose = 'page'): string => {
  const parcel = Buffer.from(parcelId.replaceAll('-', ''), 'hex');
  if (parcel.length !== bytes) throw new Error(`"${parcelId}" is no id of ours`);
  return Buffer.concat([parcel, mac(key, parcel, purpose)]).toString('base64url');
};

/** The id in a token; undefined if the token is not one of ours. Compared in constant time. */
export const readLink = (key: Uint8Array, token: string, purpose: Purpose = 'page'): string | undefined => {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  const whole = Buffer.from(token, 'base64url');
  const parcel = whole.subarray(0, bytes);
  if (whole.toString('base64url') !== token || !timingSafeEqual(whole.subarray(bytes), mac(key, parcel, purpose))) return undefined;
  const hex = parcel.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
