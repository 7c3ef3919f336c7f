import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { secretKey } from '@flotilla/values';
import type { Headers, WebhookPort } from '../platform.js';

/** `X-Shopify-Hmac-Sha256` = base64 of HMAC-SHA256 over the bytes that were sent, under the app's secret. */
export const webhooks: WebhookPort = {
  verify: (secret, headers, body) => {
    const sent = one(headers, 'x-shopify-hmac-sha256');
    const expected = createHmac('sha256', secretKey(secret)).update(body).digest();
    const given = Buffer.from(sent, 'base64');
    // An empty secret would accept what anybody can compute.
    return secret.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
  },
  deliveryId: (headers) => {
    const id = one(headers, 'x-shopify-webhook-id');
    return id === '' || /^[\w.:-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('hex');
  },
  topic: (headers) => one(headers, 'x-shopify-topic').toLowerCase(),
  sentAt: (headers) => {
    const at = new Date(one(headers, 'x-shopify-triggered-at'));
    return Number.isNaN(at.getTime()) ? '' : at.toISOString();
  },
};

const one = (headers: Headers, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
};
