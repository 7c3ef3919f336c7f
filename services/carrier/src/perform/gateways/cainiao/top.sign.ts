import { createHmac } from 'node:crypto';

/** TOP's signature with `sign_method=hmac`: HMAC-MD5 over the sorted names and values, in upper-case hex. Empty values and the signature itself stay out. */
export const topSign = (params: Readonly<Record<string, string>>, secret: string): string => {
  const text = Object.keys(params).filter((name) => name !== 'sign' && params[name] !== '').sort().map((name) => `${name}${params[name]}`).join('');
  return createHmac('md5', secret).update(text, 'utf8').digest('hex').toUpperCase();
};

/** `yyyy-MM-dd HH:mm:ss` of China, as TOP wants its timestamps. */
export const topTime = (now: Date): string => new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
