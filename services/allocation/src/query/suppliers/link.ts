import { createHmac, timingSafeEqual } from 'node:crypto';

const ID = 16;
const MAC = 16;

const mac = (key: Uint8Array, what: string, body: Uint8Array): Buffer => createHmac('sha256', key).update(`flotilla.suppliers.${what}.v1`).update(body).digest().subarray(0, MAC);

/** The token of an offer's page: its id, when it ends (epoch s), and 128 bits that only the link key can make; 48 characters. */
export const offerToken = (key: Uint8Array, lockId: string, expiresAt: Date): string => {
  const body = Buffer.alloc(ID + 4);
  body.write(lockId.replaceAll('-', ''), 0, 'hex');
  body.writeUInt32BE(Math.floor(expiresAt.getTime() / 1_000), ID);
  return Buffer.concat([body, mac(key, 'page', body)]).toString('base64url');
};

/** The offer of a token; undefined if it is not one of ours or its time is over. Compared in constant time. */
export const readOfferToken = (key: Uint8Array, token: string, now: Date): string | undefined => {
  if (!/^[A-Za-z0-9_-]{48}$/.test(token)) return undefined;
  const whole = Buffer.from(token, 'base64url');
  const body = whole.subarray(0, ID + 4);
  if (!timingSafeEqual(whole.subarray(ID + 4), mac(key, 'page', body)) || body.readUInt32BE(ID) * 1_000 < now.getTime()) return undefined;
  const hex = body.subarray(0, ID).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Stands in every form of the page, so that no other page can send it. */
export const formToken = (key: Uint8Array, token: string): string => mac(key, 'form', Buffer.from(token)).toString('base64url');

export const isFormToken = (key: Uint8Array, token: string, form: string): boolean => {
  const [right, given] = [Buffer.from(formToken(key, token)), Buffer.from(form)];
  return given.length === right.length && timingSafeEqual(right, given);
};

const SHA256 = 32;

/** The token of a video's link: its hash, when it ends (epoch s), and 128 bits that only the link key can make. */
export const videoToken = (key: Uint8Array, sha256: string, expiresAt: Date): string => {
  const body = Buffer.alloc(SHA256 + 4);
  body.write(sha256, 0, 'hex');
  body.writeUInt32BE(Math.floor(expiresAt.getTime() / 1_000), SHA256);
  return Buffer.concat([body, mac(key, 'video', body)]).toString('base64url');
};

/** The hash of a video's token; undefined if it is not one of ours or its time is over. */
export const readVideoToken = (key: Uint8Array, token: string, now: Date): string | undefined => {
  if (!/^[A-Za-z0-9_-]{70}$/.test(token)) return undefined;
  const whole = Buffer.from(token, 'base64url');
  const body = whole.subarray(0, SHA256 + 4);
  if (!timingSafeEqual(whole.subarray(SHA256 + 4), mac(key, 'video', body)) || body.readUInt32BE(SHA256) * 1_000 < now.getTime()) return undefined;
  return body.subarray(0, SHA256).toString('hex');
};
