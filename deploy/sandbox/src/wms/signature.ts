import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA256 over method, path, time (ms) and the body's hash, base64. */
export const signCall = (secret: string, method: string, path: string, timestamp: string, body: Buffer | string): string =>
  createHmac('sha256', secret).update(`${method}\n${path}\n${timestamp}\n${createHash('sha256').update(body).digest('hex')}`).digest('base64');

/** Standard Webhooks: `v1,<base64>` over id, time (s) and body. */
export const signPush = (secret: string, id: string, timestamp: string, body: string): string => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

/** Constant in time, whatever differs. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
