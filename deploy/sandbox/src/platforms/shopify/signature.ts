import { createHmac } from 'node:crypto';

/** `X-Shopify-Hmac-Sha256` of a body. @example sign('test-secret', rawBody) */
export const sign = (secret: string, body: string | Buffer): string => createHmac('sha256', secret).update(body).digest('base64');
