import { createHmac, timingSafeEqual } from 'node:crypto';
import { secretKey } from '@flotilla/values';
import type { Headers, WebhookPort } from '../platform.js';

/** `X-WC-Webhook-Signature` = base64 of HMAC-SHA256 over the bytes that were sent, under the webhook's secret. */
export const webhooks: WebhookPort = {
  verify: (secret, headers, body) => {
    const given = Buffer.from(one(headers, 'x-wc-webhook-signature'), 'base64');
    const expected = createHmac('sha256', secretKey(secret)).update(body).digest();
    // An empty secret would accept what anybody can compute.
    return secret.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
  },
  // X-WC-Webhook-Delivery-ID is a hash of the webhook and the second: two changes of one second share it. The bytes tell them apart.
  deliveryId: () => '',
  topic: (headers) => one(headers, 'x-wc-webhook-topic').toLowerCase(),
  sentAt: () => '',
  // What a webhook says when it is saved.
  greets: (headers, body) => one(headers, 'x-wc-webhook-signature') === '' && body.length < 64 && /^webhook_id=\d{1,20}$/.test(Buffer.from(body).toString('latin1')),
};

const one = (headers: Headers, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
};
