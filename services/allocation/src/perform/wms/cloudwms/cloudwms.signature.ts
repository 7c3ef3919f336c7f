import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA256 over method, path, time (ms) and the body's SHA-256, base64. */
export const signCall = (secret: string, method: string, path: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${method}\n${path}\n${timestamp}\n${createHash('sha256').update(body).digest('hex')}`).digest('base64');

// Pushes older or younger than this are refused; repeats within it change nothing, since figures have positions.
const WINDOW_S = 300;

/** Standard Webhooks: `v1,<base64 HMAC-SHA256 of id.timestamp.body>`, one or several while the secret changes. */
export const isSigned = (secret: string, headers: Readonly<Record<string, string | readonly string[] | undefined>>, body: Buffer, now: Date): boolean => {
  const text = (name: string): string => (typeof headers[name] === 'string' ? headers[name] : '');
  const [id, timestamp, signatures] = [text('webhook-id'), text('webhook-timestamp'), text('webhook-signature')];
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now.getTime() / 1_000 - Number(timestamp)) > WINDOW_S) return false;
  const wanted = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((one) => {
    const given = Buffer.from(one.startsWith('v1,') ? one.slice(3) : '', 'base64');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
};
