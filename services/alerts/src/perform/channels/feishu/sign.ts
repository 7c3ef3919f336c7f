import { createHmac } from 'node:crypto';

/** base64(HMAC-SHA256(key = timestamp + "\n" + secret, of nothing)), the time in seconds. */
export const sign = (timestamp: string, secret: string): string => createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64');
