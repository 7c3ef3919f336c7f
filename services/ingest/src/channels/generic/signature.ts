import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ingest } from '@flotilla/contracts';
import { secretKey } from '@flotilla/values';
import type { Headers, WebhookPort } from '../platform.js';

const digests: Readonly<Record<string, string>> = { '': 'sha256', HMAC_SHA256: 'sha256', HMAC_SHA1: 'sha1', HMAC_SHA512: 'sha512' };
const longestAgoMs = 5 * 60_000;

/** The signature as the channel's mapping says that it is made; `undefined` if the channel takes no webhooks. */
export const webhooksOf = (mapping: ingest.Mapping | undefined): WebhookPort | undefined => {
  const signing = mapping?.webhook;
  if (signing === undefined || signing.signatureHeader === '') return undefined;
  const { signatureHeader, digest, encoding, prefix, signed, timestampHeader, deliveryIdHeader } = signing;
  return {
    verify: (secret, headers, body) => {
      const sent = one(headers, signatureHeader);
      const timestamp = timestampHeader === '' ? '' : one(headers, timestampHeader);
      // An empty secret would accept what anybody can compute.
      if (secret.length === 0 || !sent.startsWith(prefix) || (timestampHeader !== '' && !fresh(timestamp))) return false;
      const [before = '', after = ''] = (signed === '' ? '{body}' : signed).replaceAll('{timestamp}', timestamp).split('{body}');
      const expected = createHmac(digests[digest] ?? 'sha256', secretKey(secret)).update(before).update(body).update(after).digest();
      const given = Buffer.from(sent.slice(prefix.length), encoding === 'BASE64' ? 'base64' : 'hex');
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
    deliveryId: (headers) => {
      const id = deliveryIdHeader === '' ? '' : one(headers, deliveryIdHeader);
      return id === '' || /^[\w.:-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('hex');
    },
    topic: () => 'order',
    sentAt: (headers) => (timestampHeader === '' ? '' : instantOf(one(headers, timestampHeader))),
  };
};

const millis = (timestamp: string): number => (/^\d{10}$/.test(timestamp) ? Number(timestamp) * 1_000 : /^\d{13}$/.test(timestamp) ? Number(timestamp) : Number.NaN);

// Machine time: a replay window is no promise to anybody.
const fresh = (timestamp: string): boolean => Math.abs(Date.now() - millis(timestamp)) <= longestAgoMs;

const instantOf = (timestamp: string): string => (Number.isNaN(millis(timestamp)) ? '' : new Date(millis(timestamp)).toISOString());

const one = (headers: Headers, name: string): string => {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' ? value.trim() : '';
};
