import { createHmac } from 'node:crypto';

/** base64(HMAC-SHA256(secret, timestamp + "\n" + secret)), the time in milliseconds; still to be encoded for the address. */
export const sign = (timestamp: string, secret: string): string => createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
