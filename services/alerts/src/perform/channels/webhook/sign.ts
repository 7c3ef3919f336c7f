import { createHmac } from 'node:crypto';

/** The key of a Standard Webhooks secret: base64 after `whsec_`. */
export const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

/** Standard Webhooks: `v1,<base64 HMAC-SHA256 of id.timestamp.body>`, the time in seconds. */
export const sign = (secret: string, id: string, timestamp: string, body: string): string => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
