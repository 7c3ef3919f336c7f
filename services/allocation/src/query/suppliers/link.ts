import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC = 16;

const mac = (key: Uint8Array, what: string, body: Uint8Array): Buffer => createHmac('sha256', key).update(`flotilla.suppliers.${what}.v1`).update(body).digest().subarray(0, MAC);

// What it names, when it ends (epoch s), and 128 bits that only the link key can make.
const sign = (key: Uint8Array, what: string, name: Buffer, expiresAt: Date): string => {
  const body = Buffer.alloc(name.length + 4);
  name.copy(body);
  body.writeUInt32BE(Math.floor(expiresAt.getTime() / 1_000), name.length);
  return Buffer.concat([body, mac(key, what, body)]).toString('base64url');
};

// What a token names, in hex; undefined if it is not one of ours or its time is over. Compared in constant time.
const read = (key: Uint8Array, what: string, length: number, token: string, now: Date): string | undefined => {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(token)) return undefined;
  const whole = Buffer.from(token, 'base64url');
  if (whole.length !== length + 4 + MAC || whole.toString('base64url') !== token) return undefined;
  const body = whole.subarray(0, length + 4);
  if (!timingSafeEqual(whole.subarray(length + 4), mac(key, what, body)) || body.readUInt32BE(length) * 1_000 < now.getTime()) return undefined;
  return body.subarray(0, length).toString('hex');
};

/** The token of an offer's page; 48 characters. */
export const offerToken = (key: Uint8Array, lockId: string, expiresAt: Date): string => sign(key, 'page', Buffer.from(lockId.replaceAll('-', ''), 'hex'), expiresAt);

/** The offer of a token; undefined if it is not one of ours or its time is over. */
export const readOfferToken = (key: Uint8Array, token: string, now: Date): string | undefined => read(key, 'page', 16, token, now)?.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** The token of a video's link. */
export const videoToken = (key: Uint8Array, sha256: string, expiresAt: Date): string => sign(key, 'video', Buffer.from(sha256, 'hex'), expiresAt);

/** The hash of a video's token; undefined if it is not one of ours or its time is over. */
export const readVideoToken = (key: Uint8Array, token: string, now: Date): string | undefined => read(key, 'video', 32, token, now);

/** Stands in every form of the page, so that no other page can send it. */
export const formToken = (key: Uint8Array, token: string): string => mac(key, 'form', Buffer.from(token)).toString('base64url');

export const isFormToken = (key: Uint8Array, token: string, form: string): boolean => {
  const [right, given] = [Buffer.from(formToken(key, token)), Buffer.from(form)];
  return given.length === right.length && timingSafeEqual(right, given);
};
